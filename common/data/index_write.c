#include "common/data/index_write.h"

#include <string.h>

/* Which of a shard's numbers says how many items a column has. */
typedef enum Extent { BY_RECORD, BY_LABEL, BY_RATING } Extent;

/* The columns that are a shard's own arrays, one shard after another. */
static const struct {
    const char *name;
    StoredType type;
    Extent extent;
    size_t field; // of ShardEntries: the pointer to the array
} columns[] = {
    { "record/offset", STORED_U64, BY_RECORD, offsetof(ShardEntries, offset) },
    { "record/frames", STORED_U32, BY_RECORD, offsetof(ShardEntries, frames) },
    { "label/class", STORED_U32, BY_LABEL, offsetof(ShardEntries, label_class) },
    { "rating/start", STORED_U32, BY_RATING, offsetof(ShardEntries, rating_start) },
    { "rating/end", STORED_U32, BY_RATING, offsetof(ShardEntries, rating_end) },
    { "rating/class", STORED_U32, BY_RATING, offsetof(ShardEntries, rating_class) },
    { "rating/score", STORED_F32, BY_RATING, offsetof(ShardEntries, rating_score) },
};
#define COLUMNS (sizeof columns / sizeof *columns)

/* Sums over all shards. */
typedef struct Totals {
    uint64_t records, labels, ratings, segments;
    size_t id_bytes, name_bytes;
} Totals;

static uint64_t extent(const ShardEntries *entries, Extent of)
{
    return of == BY_RECORD ? entries->records
        : of == BY_LABEL   ? shard_labels(entries)
                           : shard_ratings(entries);
}

/* Whether a new rated segment begins at a rating of a record, both counted within the shard. */
static bool begins_segment(const ShardEntries *entries, uint64_t record, uint64_t rating)
{
    return rating == entries->rating_first[record] - entries->rating_first[0]
        || entries->rating_start[rating] != entries->rating_start[rating - 1];
}

static uint64_t count_segments(const ShardEntries *entries)
{
    uint64_t segments = 0, rating = 0;
    for (uint64_t i = 0; entries->rating_first && i < entries->records; i++)
        for (; rating < entries->rating_first[i + 1] - entries->rating_first[0]; rating++)
            segments += begins_segment(entries, i, rating);
    return segments;
}

/* Entries of an old index may be padded for an id that is gone. */
static size_t longest_id(const ShardEntries *entries)
{
    size_t longest = 0;
    for (uint64_t i = 0; i < entries->records && longest < entries->id_bytes; i++) {
        size_t length = strnlen(entries->id + i * entries->id_bytes, entries->id_bytes);
        if (length > longest)
            longest = length;
    }
    return longest;
}

static bool add_up(Totals *totals, const IndexContent *content, Failure *failure)
{
    *totals = (Totals){ 0 };
    for (size_t i = 0; i < content->shards; i++) {
        const ShardEntries *entries = &content->entries[i];
        totals->records += entries->records;
        totals->labels += shard_labels(entries);
        totals->ratings += shard_ratings(entries);
        totals->segments += count_segments(entries);
        totals->name_bytes += strlen(content->names[i]) + 1;
        size_t longest = longest_id(entries);
        if (longest > totals->id_bytes)
            totals->id_bytes = longest;
    }
    if (totals->records >= UINT32_MAX || totals->labels >= UINT32_MAX
        || totals->ratings >= UINT32_MAX)
        return fail(
            failure, EX_DATAERR,
            "%llu records, %llu labels, %llu ratings: an index holds up to 2^32 - 1 of each",
            (unsigned long long)totals->records, (unsigned long long)totals->labels,
            (unsigned long long)totals->ratings);
    return true;
}

static bool declare(SafetensorsWriter *writer, const Totals *t, size_t shards, Failure *failure)
{
    const uint64_t ids[2] = { t->records, t->id_bytes };
    const uint64_t fingerprints[2] = { shards, INDEX_FINGERPRINT_BYTES };
    for (size_t i = 0; i < COLUMNS; i++) {
        uint64_t count = columns[i].extent == BY_RECORD ? t->records
            : columns[i].extent == BY_LABEL             ? t->labels
                                                        : t->ratings;
        if (!safetensors_declare_vector(writer, columns[i].name, columns[i].type, count, NULL,
                                        failure))
            return false;
    }
#define VECTOR(name, type, count)                                                                  \
    safetensors_declare_vector(writer, name, type, count, NULL, failure)
    return VECTOR("shard/bytes", STORED_U64, shards)
        && VECTOR("shard/first", STORED_U64, shards + 1)
        && VECTOR("shard/skipped", STORED_U32, shards)
        && VECTOR("shard/name", STORED_U8, t->name_bytes)
        && VECTOR("label/first", STORED_U32, t->records + 1)
        && VECTOR("rating/first", STORED_U32, t->ratings ? t->records + 1 : 0)
        && VECTOR("segment/first", STORED_U32, t->segments + 1)
        && safetensors_declare(writer, "record/id", STORED_U8, 2, ids, NULL, failure)
        && safetensors_declare(writer, "shard/fingerprint", STORED_U8, 2, fingerprints, NULL,
                               failure);
#undef VECTOR
}

/* One tensor, written a shard at a time. */
typedef struct Output {
    const IndexContent *content;
    const Totals *totals;
    SafetensorsWriter *writer;
    const char *name;
    Failure *failure;
} Output;

static bool put(const Output *to, const void *bytes, size_t size)
{
    return safetensors_write(to->writer, to->name, bytes, size, to->failure);
}

static bool put_u32(const Output *to, uint64_t value)
{
    uint32_t item = (uint32_t)value;
    return put(to, &item, sizeof item);
}

static bool put_u64(const Output *to, uint64_t value)
{
    return put(to, &value, sizeof value);
}

static bool write_column(const Output *to, size_t column)
{
    bool ok = true;
    for (size_t i = 0; ok && i < to->content->shards; i++) {
        const ShardEntries *entries = &to->content->entries[i];
        const void *array;
        memcpy(&array, (const char *)entries + columns[column].field, sizeof array);
        ok = put(to, array,
                 extent(entries, columns[column].extent) * stored_type_bytes(columns[column].type));
    }
    return ok;
}

static bool write_shard_bytes(const Output *to)
{
    bool ok = true;
    for (size_t i = 0; ok && i < to->content->shards; i++)
        ok = put_u64(to, to->content->entries[i].bytes);
    return ok;
}

static bool write_shard_first(const Output *to)
{
    uint64_t first = 0;
    bool ok = put_u64(to, first);
    for (size_t i = 0; ok && i < to->content->shards; i++)
        ok = put_u64(to, first += to->content->entries[i].records);
    return ok;
}

static bool write_shard_skipped(const Output *to)
{
    bool ok = true;
    for (size_t i = 0; ok && i < to->content->shards; i++)
        ok = put_u32(to, to->content->entries[i].skipped);
    return ok;
}

static bool write_shard_names(const Output *to)
{
    bool ok = true;
    for (size_t i = 0; ok && i < to->content->shards; i++)
        ok = put(to, to->content->names[i], strlen(to->content->names[i])) && put(to, "\n", 1);
    return ok;
}

static bool write_fingerprints(const Output *to)
{
    bool ok = true;
    for (size_t i = 0; ok && i < to->content->shards; i++)
        ok = put(to, to->content->entries[i].fingerprint, INDEX_FINGERPRINT_BYTES);
    return ok;
}

static bool write_ids(const Output *to)
{
    size_t width = to->totals->id_bytes;
    bool ok = true;
    for (size_t i = 0; ok && i < to->content->shards; i++) {
        const ShardEntries *entries = &to->content->entries[i];
        size_t bytes = entries->id_bytes < width ? entries->id_bytes : width;
        for (uint64_t j = 0; ok && j < entries->records; j++) {
            char id[INDEX_MOST_ID_BYTES] = { 0 };
            memcpy(id, entries->id + j * entries->id_bytes, bytes);
            ok = put(to, id, width);
        }
    }
    return ok;
}

static bool write_label_first(const Output *to)
{
    uint64_t before = 0;
    bool ok = put_u32(to, 0);
    for (size_t i = 0; ok && i < to->content->shards; i++) {
        const ShardEntries *entries = &to->content->entries[i];
        for (uint64_t j = 1; ok && j <= entries->records; j++)
            ok = put_u32(to, before + entries->label_first[j] - entries->label_first[0]);
        before += shard_labels(entries);
    }
    return ok;
}

static bool write_rating_first(const Output *to)
{
    uint64_t before = 0;
    bool ok = to->totals->ratings == 0 || put_u32(to, 0);
    for (size_t i = 0; ok && to->totals->ratings && i < to->content->shards; i++) {
        const ShardEntries *entries = &to->content->entries[i];
        const uint32_t *first = entries->rating_first;
        for (uint64_t j = 1; ok && j <= entries->records; j++)
            ok = put_u32(to, before + (first ? first[j] - first[0] : 0));
        before += shard_ratings(entries);
    }
    return ok;
}

static bool write_segments(const Output *to)
{
    uint64_t before = 0;
    bool ok = true;
    for (size_t i = 0; ok && i < to->content->shards; i++) {
        const ShardEntries *entries = &to->content->entries[i];
        uint64_t rating = 0;
        for (uint64_t j = 0; entries->rating_first && j < entries->records; j++)
            for (; rating < entries->rating_first[j + 1] - entries->rating_first[0]; rating++)
                ok = ok && (!begins_segment(entries, j, rating) || put_u32(to, before + rating));
        before += shard_ratings(entries);
    }
    return ok && put_u32(to, before);
}

static const struct {
    const char *name;
    bool (*write)(const Output *to);
} tables[] = {
    { "shard/bytes", write_shard_bytes },
    { "shard/first", write_shard_first },
    { "shard/skipped", write_shard_skipped },
    { "shard/name", write_shard_names },
    { "record/id", write_ids },
    { "shard/fingerprint", write_fingerprints },
    { "label/first", write_label_first },
    { "rating/first", write_rating_first },
    { "segment/first", write_segments },
};

static bool write_tensor(const Output *to)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (strcmp(columns[i].name, to->name) == 0)
            return write_column(to, i);
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++)
        if (strcmp(tables[i].name, to->name) == 0)
            return tables[i].write(to);
    return fail(to->failure, EX_SOFTWARE, "an index has no table %s", to->name);
}

bool index_write(const IndexContent *content, AtomicFile *file, Arena scratch, Failure *failure)
{
    Totals totals;
    SafetensorsWriter writer = safetensors_writer(&scratch);
    if (!add_up(&totals, content, failure) || !declare(&writer, &totals, content->shards, failure)
        || !safetensors_note(&writer, "kind", "index", failure)
        || !safetensors_note(&writer, "format", INDEX_FORMAT, failure)
        || !safetensors_note(&writer, "features", content->features, failure)
        || !safetensors_note(&writer, "partition", partition_word(content->partition), failure)
        || !safetensors_start(&writer, file, failure))
        return false;
    for (size_t i = 0; i < writer.count; i++) // in canonical order, whatever it is
        if (!write_tensor(&(Output){ content, &totals, &writer, writer.tensors[i].name, failure }))
            return false;
    return safetensors_finish(&writer, failure);
}
