#include "common/data/subset.h"
#include "common/base/philox.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const char *const unit_words[] = { "shard", "video", "segment" };

SubsetUnit subset_unit_of_word(const char *word)
{
    return strcmp(word, "shard") == 0 ? SUBSET_SHARD
        : strcmp(word, "video") == 0  ? SUBSET_VIDEO
                                      : SUBSET_SEGMENT;
}

bool subset_parts_parse(SubsetChoice *choice, const char *text, Failure *failure)
{
    const char *next = text;
    choice->part_count = 0;
    for (;;) {
        char *end;
        double share = strtod(next, &end);
        if (end == next || !(share > 0) || !isfinite(share) || (*end != ',' && *end != 0))
            return fail(failure, EX_USAGE, "--parts %s: must be shares above 0, such as 26,6",
                        text);
        if (choice->part_count == SUBSET_MOST_PARTS)
            return fail(failure, EX_USAGE, "--parts: more than %d", SUBSET_MOST_PARTS);
        choice->parts[choice->part_count++] = share;
        if (*end == 0)
            return true;
        next = end + 1;
    }
}

/* The share of everything that comes before a part: 0 before the first, exactly 1 after the last.
 */
static double share_before(const SubsetChoice *choice, size_t part)
{
    double before = 0, total = 0;
    for (size_t i = 0; i < choice->part_count; i++) {
        before += i < part ? choice->parts[i] : 0;
        total += choice->parts[i];
    }
    return before / total;
}

/* FNV-1a, 64 bits: what a name or an id draws by. */
static uint64_t hash_bytes(const char *bytes, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)bytes[i]) * 0x100000001b3u;
    return hash;
}

/* Whether a thing falls into the part: its number in [0, 1) is in the part's interval. */
typedef struct Lot {
    PhiloxKey key;
    double low, high;
} Lot;

static bool drawn(const Lot *lot, uint64_t who, uint64_t what)
{
    uint32_t words[4];
    philox(lot->key, who, what, words);
    double number = (double)(((uint64_t)words[0] << 32 | words[1]) >> 11) * 0x1p-53;
    return lot->low <= number && number < lot->high;
}

typedef struct RankedShard {
    uint64_t rank[2];
    const char *name;
    size_t shard;
} RankedShard;

static int by_rank(const void *a, const void *b)
{
    const RankedShard *x = a, *y = b;
    for (size_t i = 0; i < 2; i++)
        if (x->rank[i] != y->rank[i])
            return x->rank[i] < y->rank[i] ? -1 : 1;
    return strcmp(x->name, y->name);
}

/* Mark the shards of the part. Where the shares add up to the number of shards they are numbers. */
static bool draw_shards(bool *chosen, const ShardIndex *index, const SubsetChoice *choice,
                        Arena scratch, Failure *failure)
{
    RankedShard *ranked;
    PhiloxKey key = philox_key(choice->seed, "split/shard");
    size_t S = index->shards;
    if (!arena_array(&scratch, ranked, S, failure))
        return false;
    for (size_t i = 0; i < S; i++) {
        uint32_t words[4] = { 0 };
        ranked[i].name = index->shard_name[i];
        ranked[i].shard = i;
        if (choice->seeded)
            philox(key, hash_bytes(ranked[i].name, strlen(ranked[i].name)), 0, words);
        ranked[i].rank[0] = (uint64_t)words[0] << 32 | words[1];
        ranked[i].rank[1] = (uint64_t)words[2] << 32 | words[3];
    }
    qsort(ranked, S, sizeof *ranked, by_rank);
    size_t first = (size_t)rint((double)S * share_before(choice, choice->part));
    size_t end = (size_t)rint((double)S * share_before(choice, choice->part + 1));
    for (size_t i = first; i < end; i++)
        chosen[ranked[i].shard] = true;
    return true;
}

static void take_shards(Subset *subset, uint32_t *records, const ShardIndex *index,
                        const bool *chosen)
{
    for (size_t i = 0; i < index->shards; i++)
        for (uint64_t j = index->shard_first[i]; chosen[i] && j < index->shard_first[i + 1]; j++)
            records[subset->record_count++] = (uint32_t)j;
}

static void take_videos(Subset *subset, uint32_t *records, const ShardIndex *index, const Lot *lot)
{
    for (uint64_t i = 0; i < index->records; i++)
        if (drawn(lot, hash_bytes(record_id(index, i), record_id_length(index, i)), 0))
            records[subset->record_count++] = (uint32_t)i;
}

/* The rated segments of the records that were taken. */
static void take_their_segments(Subset *subset, uint32_t *segments, const ShardIndex *index)
{
    uint64_t segment = 0;
    for (uint64_t i = 0; index->rating_first && i < subset->record_count; i++) {
        uint32_t record = subset->records[i];
        while (segment < index->segments
               && index->segment_first[segment] < index->rating_first[record])
            segment++;
        for (; segment < index->segments
             && index->segment_first[segment] < index->rating_first[record + 1];
             segment++)
            segments[subset->segment_count++] = (uint32_t)segment;
    }
}

/* Segments that are drawn, and the records that have one. */
static void take_segments(Subset *subset, uint32_t *records, uint32_t *segments,
                          const ShardIndex *index, const Lot *lot)
{
    uint64_t record = 0, last = UINT64_MAX;
    for (uint64_t i = 0; i < index->segments; i++) {
        uint32_t rating = index->segment_first[i];
        while (index->rating_first[record + 1] <= rating)
            record++;
        uint64_t who = hash_bytes(record_id(index, record), record_id_length(index, record));
        if (!drawn(lot, who, (uint64_t)index->rating_start[rating] + 1))
            continue;
        segments[subset->segment_count++] = (uint32_t)i;
        if (record != last)
            records[subset->record_count++] = (uint32_t)record;
        last = record;
    }
}

bool subset_draw(Subset *subset, const ShardIndex *index, const SubsetChoice *choice, Arena *arena,
                 Failure *failure)
{
    bool *chosen;
    uint32_t *records, *segments;
    *subset = (Subset){ .by = choice->by };
    if (choice->part >= choice->part_count)
        return fail(failure, EX_USAGE, "--part %zu: there are parts 0 to %zu", choice->part,
                    choice->part_count - 1);
    Lot lot = { philox_key(choice->seed,
                           choice->by == SUBSET_VIDEO ? "split/video" : "split/segment"),
                share_before(choice, choice->part), share_before(choice, choice->part + 1) };
    if (!arena_array(arena, records, index->records, failure)
        || !arena_array(arena, segments, index->segments, failure)
        || !arena_array(arena, chosen, index->shards, failure)
        || !draw_shards(chosen, index, choice, *arena, failure))
        return false;
    subset->records = records;
    subset->segments = segments;
    if (choice->by == SUBSET_SEGMENT) {
        take_segments(subset, records, segments, index, &lot);
        return true;
    }
    if (choice->by == SUBSET_SHARD)
        take_shards(subset, records, index, chosen);
    else
        take_videos(subset, records, index, &lot);
    take_their_segments(subset, segments, index);
    return true;
}

bool subset_filter(Subset *subset, const ShardIndex *index, SubsetKeeps *keeps, const void *context,
                   Arena *arena, Failure *failure)
{
    uint32_t *records, *segments;
    uint64_t record_count = 0, segment_count = 0;
    if (!arena_array(arena, records, subset->record_count, failure)
        || !arena_array(arena, segments, subset->segment_count, failure))
        return false;
    for (uint64_t i = 0; i < subset->record_count; i++)
        if (keeps(context, index, subset->records[i]))
            records[record_count++] = subset->records[i];
    for (uint64_t i = 0; i < subset->segment_count; i++)
        if (keeps(context, index, record_of_segment(index, subset->segments[i])))
            segments[segment_count++] = subset->segments[i];
    subset->records = records;
    subset->segments = segments;
    subset->record_count = record_count;
    subset->segment_count = segment_count;
    return true;
}

void shard_index_identity(const ShardIndex *index, char hex[SHA256_HEX_BYTES])
{
    Sha256 hash;
    sha256_begin(&hash);
    for (size_t i = 0; i < index->shards; i++)
        sha256_add(&hash, index->shard_name[i], strlen(index->shard_name[i]) + 1);
    sha256_add(&hash, index->shard_fingerprint, index->shards * INDEX_FINGERPRINT_BYTES);
    sha256_add(&hash, index->shard_first, (index->shards + 1) * sizeof *index->shard_first);
    sha256_end(&hash, hex);
}

bool subset_write(const Subset *subset, const ShardIndex *index, AtomicFile *file, Arena scratch,
                  Failure *failure)
{
    char identity[SHA256_HEX_BYTES];
    SafetensorsWriter writer = safetensors_writer(&scratch);
    shard_index_identity(index, identity);
    return safetensors_declare_vector(&writer, "record", STORED_U32, subset->record_count,
                                      subset->records, failure)
        && safetensors_declare_vector(&writer, "segment", STORED_U32, subset->segment_count,
                                      subset->segments, failure)
        && safetensors_note(&writer, "kind", "subset", failure)
        && safetensors_note(&writer, "format", SUBSET_FORMAT, failure)
        && safetensors_note(&writer, "by", unit_words[subset->by], failure)
        && safetensors_note(&writer, "index", identity, failure)
        && safetensors_start(&writer, file, failure) && safetensors_finish(&writer, failure);
}

/* Whether numbers ascend and stay below a bound. */
static bool ascends(const uint32_t *numbers, uint64_t count, uint64_t bound)
{
    for (uint64_t i = 0; i < count; i++)
        if (numbers[i] >= bound || (i && numbers[i] <= numbers[i - 1]))
            return false;
    return true;
}

static bool read_lists(Subset *subset, const ShardIndex *index, Failure *failure)
{
    const SafetensorsReader *file = &subset->file;
    subset->records = safetensors_array(file, "record", STORED_U32, SAFETENSORS_ANY, failure);
    subset->segments = safetensors_array(file, "segment", STORED_U32, SAFETENSORS_ANY, failure);
    if (!subset->records || !subset->segments)
        return false;
    subset->record_count = safetensors_find(file, "record")->count;
    subset->segment_count = safetensors_find(file, "segment")->count;
    return (ascends(subset->records, subset->record_count, index->records)
            && ascends(subset->segments, subset->segment_count, index->segments))
        || fail(failure, EX_DATAERR, "%s: its numbers are not those of an index; split again",
                subset->path);
}

static bool check_metadata(Subset *subset, const ShardIndex *index, Failure *failure)
{
    char identity[SHA256_HEX_BYTES];
    const char *kind = safetensors_metadata(&subset->file, "kind");
    const char *format = safetensors_metadata(&subset->file, "format");
    const char *by = safetensors_metadata(&subset->file, "by");
    const char *of = safetensors_metadata(&subset->file, "index");
    if (!kind || strcmp(kind, "subset") != 0 || !format || strcmp(format, SUBSET_FORMAT) != 0 || !by
        || !of)
        return fail(failure, EX_DATAERR, "%s: not a subset of format %s", subset->path,
                    SUBSET_FORMAT);
    shard_index_identity(index, identity);
    subset->by = subset_unit_of_word(by);
    return strcmp(of, identity) == 0
        || fail(failure, EX_DATAERR, "%s: a subset of another index than %s; split again",
                subset->path, index->path);
}

bool subset_open(Subset *subset, const char *path, const ShardIndex *index, Arena *arena,
                 Failure *failure)
{
    *subset = (Subset){ .path = path };
    if (safetensors_open(&subset->file, path, arena, failure)
        && check_metadata(subset, index, failure) && read_lists(subset, index, failure))
        return true;
    subset_close(subset);
    return false;
}

void subset_close(Subset *subset)
{
    safetensors_close(&subset->file);
    *subset = (Subset){ 0 };
}

/* The first number that two ascending lists share; false where there is none. */
static bool shared(const uint32_t *a, uint64_t a_count, const uint32_t *b, uint64_t b_count,
                   uint32_t *number)
{
    for (uint64_t i = 0, j = 0; i < a_count && j < b_count;) {
        if (a[i] == b[j]) {
            *number = a[i];
            return true;
        }
        if (a[i] < b[j])
            i++;
        else
            j++;
    }
    return false;
}

bool subset_check_disjoint(const Subset *a, const Subset *b, const ShardIndex *index,
                           Failure *failure)
{
    uint32_t number, start = 0;
    bool by_segment = a->by == SUBSET_SEGMENT || b->by == SUBSET_SEGMENT;
    bool overlap = by_segment
        ? shared(a->segments, a->segment_count, b->segments, b->segment_count, &number)
        : shared(a->records, a->record_count, b->records, b->record_count, &number);
    if (!overlap)
        return true;
    uint64_t record = by_segment ? record_of_segment(index, number) : number;
    if (by_segment)
        start = index->rating_start[index->segment_first[number]];
    int length = (int)record_id_length(index, record);
    const char *id = record_id(index, record), *path = b->path ? b->path : "the other subset";
    return by_segment
        ? fail(failure, EX_DATAERR, "%s: not disjoint: both have segment %.*s:%u", path, length, id,
               start)
        : fail(failure, EX_DATAERR, "%s: not disjoint: both have video %.*s", path, length, id);
}
