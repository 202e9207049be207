#include "common/data/shard_scan.h"
#include "common/data/scan_memory.h"
#include "common/data/shard_fingerprint.h"
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include <stdlib.h>
#include <string.h>

/* A table that grows in an arena. */
typedef struct Table {
    char *items;
    size_t count, capacity, size; // size: bytes of an item
} Table;

typedef enum Column {
    OFFSET,
    ID,
    FRAMES,
    LABEL_FIRST,
    LABEL_CLASS,
    RATING_FIRST,
    RATING_START,
    RATING_END,
    RATING_CLASS,
    RATING_SCORE,
    COLUMNS
} Column;

static const size_t item_bytes[COLUMNS] = { sizeof(uint64_t), INDEX_MOST_ID_BYTES, sizeof(uint32_t),
                                            sizeof(uint32_t), sizeof(uint32_t),    sizeof(uint32_t),
                                            sizeof(uint32_t), sizeof(uint32_t),    sizeof(uint32_t),
                                            sizeof(float) };

typedef struct Scan {
    const char *path;
    const ScanSettings *settings;
    Arena *arena; // the tables live here
    Arena record; // working space for one record
    Table tables[COLUMNS];
    size_t id_bytes; // of the longest id
    Sha256 hash;
    uint32_t skipped;
} Scan;

#define FIRST_CAPACITY 1024

/* Room for `count` more items at the end of a table; NULL with the failure filled. */
static void *add(Scan *scan, Column column, size_t count, Failure *failure)
{
    Table *table = &scan->tables[column];
    if (table->capacity - table->count < count) {
        size_t capacity = table->capacity ? table->capacity : FIRST_CAPACITY;
        while (capacity - table->count < count)
            capacity *= 2;
        char *items = arena_allocate(scan->arena, capacity, item_bytes[column], failure);
        if (!items)
            return NULL;
        if (table->count)
            memcpy(items, table->items, table->count * item_bytes[column]);
        table->items = items;
        table->capacity = capacity;
    }
    table->count += count;
    return table->items + (table->count - count) * item_bytes[column];
}

static bool add_u32(Scan *scan, Column column, int64_t value, const char *where, Failure *failure)
{
    if (value < 0 || value > UINT32_MAX)
        return fail(failure, EX_DATAERR, "%s: %lld is no class and no time", where,
                    (long long)value);
    uint32_t *item = add(scan, column, 1, failure);
    if (item)
        *item = (uint32_t)value;
    return item != NULL;
}

static bool add_id(Scan *scan, const Video *video, const char *where, Failure *failure)
{
    if (!video->id || video->id_length == 0)
        return fail(failure, EX_DATAERR, "%s: the record has no id", where);
    if (video->id_length > INDEX_MOST_ID_BYTES || memchr(video->id, 0, video->id_length))
        return fail(failure, EX_DATAERR,
                    "%s: an id of %zu bytes; up to %d, none of them zero, are read", where,
                    video->id_length, INDEX_MOST_ID_BYTES);
    char *id = add(scan, ID, 1, failure);
    if (!id)
        return false;
    memcpy(id, video->id, video->id_length);
    if (video->id_length > scan->id_bytes)
        scan->id_bytes = video->id_length;
    return true;
}

static bool add_labels(Scan *scan, const Video *video, const char *where, Failure *failure)
{
    for (size_t i = 0; i < video->label_count; i++)
        if (!add_u32(scan, LABEL_CLASS, video->labels[i], where, failure))
            return false;
    return add_u32(scan, LABEL_FIRST, (int64_t)scan->tables[LABEL_CLASS].count, where, failure);
}

/* By start, then class; equal ones stay in the record's order (they are neighbours in memory). */
static int by_segment(const void *a, const void *b)
{
    const Rating *x = *(const Rating *const *)a, *y = *(const Rating *const *)b;
    if (x->start != y->start)
        return x->start < y->start ? -1 : 1;
    if (x->label != y->label)
        return x->label < y->label ? -1 : 1;
    return (x > y) - (x < y);
}

static bool add_rating(Scan *scan, const Rating *rating, const char *where, Failure *failure)
{
    float *score = add(scan, RATING_SCORE, 1, failure);
    if (!score)
        return false;
    *score = rating->score;
    return add_u32(scan, RATING_START, rating->start, where, failure)
        && add_u32(scan, RATING_END, rating->end, where, failure)
        && add_u32(scan, RATING_CLASS, rating->label, where, failure);
}

static bool add_ratings(Scan *scan, const Video *video, const char *where, Arena scratch,
                        Failure *failure)
{
    const Rating **sorted;
    size_t count = video->rating_count;
    if (!arena_array(&scratch, sorted, count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        sorted[i] = &video->ratings[i];
    if (count)
        qsort(sorted, count, sizeof *sorted, by_segment);
    for (size_t i = 0; i < count; i++) {
        bool repeated = i + 1 < count && sorted[i]->start == sorted[i + 1]->start
            && sorted[i]->label == sorted[i + 1]->label; // the later one counts
        if (!repeated && !add_rating(scan, sorted[i], where, failure))
            return false;
    }
    return add_u32(scan, RATING_FIRST, (int64_t)scan->tables[RATING_START].count, where, failure);
}

/* Refuse a record without a feature that was asked for, or with another width of it. */
static bool check_feature(const VideoFeature *feature, const FeatureSpec *spec, const char *where,
                          Failure *failure)
{
    if (!feature)
        return fail(failure, EX_DATAERR, "%s: the record has no feature %s; see --features", where,
                    spec->name);
    if (feature->width != spec->width && !(feature->is_frames && feature->frames == 0))
        return fail(failure, EX_DATAERR, "%s: feature %s has %zu values, not %zu; see --features",
                    where, spec->name, feature->width, spec->width);
    return true;
}

static bool add_frames(Scan *scan, const Video *video, const char *where, Failure *failure)
{
    const FeatureSpecs *specs = scan->settings->features;
    size_t fewest = SIZE_MAX;
    for (size_t i = 0; i < specs->count; i++) {
        const VideoFeature *feature = video_feature(video, specs->features[i].name);
        if (!check_feature(feature, &specs->features[i], where, failure))
            return false;
        if (feature->is_frames && feature->frames < fewest)
            fewest = feature->frames;
    }
    for (size_t i = 0; specs->count == 0 && i < video->feature_count; i++)
        if (video->features[i].is_frames && video->features[i].frames < fewest)
            fewest = video->features[i].frames;
    return add_u32(scan, FRAMES, fewest == SIZE_MAX ? 1 : (int64_t)fewest, where, failure);
}

static bool add_video(Scan *scan, const Video *video, uint64_t offset, const char *where,
                      Arena scratch, Failure *failure)
{
    uint64_t *item = add(scan, OFFSET, 1, failure);
    if (!item)
        return false;
    *item = offset;
    return add_id(scan, video, where, failure) && add_labels(scan, video, where, failure)
        && add_ratings(scan, video, where, scratch, failure)
        && add_frames(scan, video, where, failure);
}

/* Count a corrupt record, where that was asked for; its number enters the fingerprint. */
static bool skip(Scan *scan, uint64_t number, Failure *failure)
{
    if (!scan->settings->skip_corrupt || failure->code != EX_DATAERR)
        return false;
    *failure = (Failure){ 0 };
    scan->skipped++;
    fingerprint_skip(&scan->hash, number);
    return true;
}

static bool verify(const Record *record, uint32_t checksum, const char *where, Failure *failure)
{
    return tfrecord_checksum(record->bytes, record->size) == checksum
        || fail(failure, EX_DATAERR,
                "%s: record %llu is damaged: its checksum differs; download it again", where,
                (unsigned long long)record->number);
}

static bool scan_record(Scan *scan, const Record *record, uint32_t checksum, Failure *failure)
{
    Arena scratch = scan->record;
    Video *video;
    fingerprint_add(&scan->hash, record->size, checksum);
    char *where =
        arena_format(&scratch, failure, "%s:%llu", scan->path, (unsigned long long)record->offset);
    if (!where || !arena_array(&scratch, video, 1, failure))
        return false;
    if (!verify(record, checksum, where, failure)
        || !video_parse(video, record->bytes, record->size, where, &scratch, failure))
        return skip(scan, record->number, failure);
    return add_video(scan, video, record->offset, where, scratch, failure);
}

static bool scan_records(Scan *scan, TfrecordReader *reader, Failure *failure)
{
    Record record;
    uint32_t checksum;
    while (tfrecord_next_frame(reader, &record, &checksum, failure))
        if (!scan_record(scan, &record, checksum, failure))
            return false;
    return failure->code == EX_OK || skip(scan, reader->count, failure);
}

/* Copy a table to where it stays. */
static const void *keep(const Scan *scan, Column column, Arena *arena, Failure *failure)
{
    const Table *table = &scan->tables[column];
    void *copy = arena_allocate(arena, table->count, item_bytes[column], failure);
    return copy && table->count ? memcpy(copy, table->items, table->count * item_bytes[column])
                                : copy;
}

static const char *keep_ids(const Scan *scan, Arena *arena, Failure *failure)
{
    const Table *table = &scan->tables[ID];
    char *ids = arena_allocate(arena, table->count, scan->id_bytes, failure);
    for (size_t i = 0; ids && i < table->count; i++)
        memcpy(ids + i * scan->id_bytes, table->items + i * INDEX_MOST_ID_BYTES, scan->id_bytes);
    return ids;
}

static bool keep_entries(ShardEntries *entries, const Scan *scan, Arena *arena, Failure *failure)
{
    size_t bytes = 4096; // what alignment takes
    for (size_t i = 0; i < COLUMNS; i++)
        bytes += scan->tables[i].count * item_bytes[i];
    if (!arena_open(arena, bytes, failure))
        return false;
    entries->skipped = scan->skipped;
    entries->records = scan->tables[OFFSET].count;
    entries->id_bytes = scan->id_bytes;
    bool ok = (entries->id = keep_ids(scan, arena, failure))
        && (entries->offset = keep(scan, OFFSET, arena, failure))
        && (entries->frames = keep(scan, FRAMES, arena, failure))
        && (entries->label_first = keep(scan, LABEL_FIRST, arena, failure))
        && (entries->label_class = keep(scan, LABEL_CLASS, arena, failure))
        && (entries->rating_first = keep(scan, RATING_FIRST, arena, failure))
        && (entries->rating_start = keep(scan, RATING_START, arena, failure))
        && (entries->rating_end = keep(scan, RATING_END, arena, failure))
        && (entries->rating_class = keep(scan, RATING_CLASS, arena, failure))
        && (entries->rating_score = keep(scan, RATING_SCORE, arena, failure));
    if (scan->tables[RATING_START].count == 0)
        entries->rating_first = NULL;
    return ok;
}

/* Read all records of an open shard into the scan's tables. */
static bool scan_file(Scan *scan, ShardEntries *entries, Failure *failure)
{
    TfrecordReader reader;
    bool compressed = true; // a damaged stream doesn't open
    sha256_begin(&scan->hash);
    if (!add_u32(scan, LABEL_FIRST, 0, scan->path, failure)
        || !add_u32(scan, RATING_FIRST, 0, scan->path, failure))
        return false;
    bool ok = tfrecord_open(&reader, scan->path, failure);
    if (ok) {
        compressed = reader.compression != TFRECORD_PLAIN;
        ok = scan_records(scan, &reader, failure);
        tfrecord_close(&reader);
    } else {
        ok = skip(scan, 0, failure);
    }
    sha256_end(&scan->hash, entries->fingerprint);
    return ok && (!compressed || sha256_of_file(scan->path, entries->fingerprint, failure));
}

/* Whether a file is still the one that it was before it was read. */
static bool unchanged(const FileStatus *before, const char *path, Failure *failure)
{
    FileStatus after;
    return file_status(&after, path, failure)
        && (file_status_equal(before, &after)
            || fail(failure, EX_TEMPFAIL, "%s: changed while it was read; run again", path));
}

bool shard_scan(ShardEntries *entries, const char *path, const ScanSettings *settings, Arena *arena,
                Failure *failure)
{
    Arena tables = { 0 };
    FileStatus status;
    Scan scan = { .path = path, .settings = settings, .arena = &tables };
    *entries = (ShardEntries){ 0 };
    bool ok = file_status(&status, path, failure) && arena_open(&tables, ARENA_LARGE, failure)
        && arena_open(&scan.record, ARENA_LARGE, failure) && scan_file(&scan, entries, failure)
        && unchanged(&status, path, failure) && keep_entries(entries, &scan, arena, failure);
    entries->bytes = status.size;
    arena_close(&scan.record);
    arena_close(&tables);
    return ok;
}

ShardEntries shard_index_entries(const ShardIndex *index, size_t shard)
{
    uint64_t first = index->shard_first[shard], end = index->shard_first[shard + 1];
    ShardEntries entries = {
        .bytes = index->shard_bytes[shard],
        .skipped = index->shard_skipped[shard],
        .records = end - first,
        .id_bytes = index->id_bytes,
        .id = record_id(index, first),
        .offset = index->record_offset + first,
        .frames = index->record_frames + first,
        .label_first = index->label_first + first,
        .label_class = index->label_class + index->label_first[first],
    };
    memcpy(entries.fingerprint, index->shard_fingerprint + shard * INDEX_FINGERPRINT_BYTES,
           INDEX_FINGERPRINT_BYTES);
    if (index->rating_first && index->rating_first[first] != index->rating_first[end]) {
        uint32_t rating = index->rating_first[first];
        entries.rating_first = index->rating_first + first;
        entries.rating_start = index->rating_start + rating;
        entries.rating_end = index->rating_end + rating;
        entries.rating_class = index->rating_class + rating;
        entries.rating_score = index->rating_score + rating;
    }
    return entries;
}
