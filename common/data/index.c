#include "common/data/index.h"
#include "common/data/scan_memory.h"

#include <string.h>

/* A shard lies in the folder that it is looked for in: its name leads nowhere else. */
static bool is_plain_name(const char *name, size_t length)
{
    return length > 0 && !memchr(name, '/', length) && !memchr(name, 0, length)
        && !(name[0] == '.' && (length == 1 || (length == 2 && name[1] == '.')));
}

static bool read_names(ShardIndex *index, Arena *arena, Failure *failure)
{
    const StoredTensor *names = safetensors_find(&index->file, "shard/name");
    const StoredTensor *bytes = safetensors_find(&index->file, "shard/bytes");
    if (!names || names->type != STORED_U8 || !bytes)
        return fail(failure, EX_DATAERR, "%s: names no shards; not an index", index->path);
    index->shards = bytes->count;
    const char *next = names->bytes, *end = next + names->size;
    if (!arena_array(arena, index->shard_name, index->shards, failure))
        return false;
    for (size_t i = 0; i < index->shards; i++) {
        const char *newline = next < end ? memchr(next, '\n', (size_t)(end - next)) : NULL;
        if (!newline)
            return fail(failure, EX_DATAERR, "%s: names fewer shards than it has", index->path);
        if (!is_plain_name(next, (size_t)(newline - next)))
            return fail(failure, EX_DATAERR,
                        "%s: shard %zu has a name that is no file's in a folder", index->path, i);
        index->shard_name[i] = arena_copy(arena, next, (size_t)(newline - next), failure);
        if (!index->shard_name[i])
            return false;
        next = newline + 1;
    }
    return true;
}

static const void *array(const ShardIndex *index, const char *name, StoredType type, uint64_t count,
                         Failure *failure)
{
    return safetensors_array(&index->file, name, type, count, failure);
}

static bool map_shards(ShardIndex *index, Failure *failure)
{
    size_t S = index->shards;
    return (index->shard_bytes = array(index, "shard/bytes", STORED_U64, S, failure))
        && (index->shard_first = array(index, "shard/first", STORED_U64, S + 1, failure))
        && (index->shard_skipped = array(index, "shard/skipped", STORED_U32, S, failure))
        && (index->shard_fingerprint =
                array(index, "shard/fingerprint", STORED_U8, S * INDEX_FINGERPRINT_BYTES, failure));
}

static bool map_records(ShardIndex *index, Failure *failure)
{
    const StoredTensor *offsets = safetensors_find(&index->file, "record/offset");
    const StoredTensor *ids = safetensors_find(&index->file, "record/id");
    uint64_t N = index->records = offsets ? offsets->count : 0;
    if (!ids || ids->axes != 2 || ids->shape[0] != N || ids->shape[1] > INDEX_MOST_ID_BYTES)
        return fail(failure, EX_DATAERR, "%s: has no ids of its records", index->path);
    index->id_bytes = ids->shape[1];
    return (index->record_offset = array(index, "record/offset", STORED_U64, N, failure))
        && (index->record_frames = array(index, "record/frames", STORED_U32, N, failure))
        && (index->record_id = array(index, "record/id", STORED_U8, N * ids->shape[1], failure))
        && (index->label_first = array(index, "label/first", STORED_U32, N + 1, failure))
        && (index->label_class =
                array(index, "label/class", STORED_U32, index->label_first[N], failure));
}

static bool map_ratings(ShardIndex *index, Failure *failure)
{
    const StoredTensor *scores = safetensors_find(&index->file, "rating/score");
    const StoredTensor *segments = safetensors_find(&index->file, "segment/first");
    if (!scores || !segments || segments->count == 0)
        return fail(failure, EX_DATAERR, "%s: has no table of ratings", index->path);
    uint64_t R = index->ratings = scores->count, first = R ? index->records + 1 : 0;
    index->segments = segments->count - 1;
    bool ok = (index->rating_first = array(index, "rating/first", STORED_U32, first, failure))
        && (index->rating_start = array(index, "rating/start", STORED_U32, R, failure))
        && (index->rating_end = array(index, "rating/end", STORED_U32, R, failure))
        && (index->rating_class = array(index, "rating/class", STORED_U32, R, failure))
        && (index->rating_score = array(index, "rating/score", STORED_F32, R, failure))
        && (index->segment_first =
                array(index, "segment/first", STORED_U32, index->segments + 1, failure));
    if (R == 0)
        index->rating_first = NULL;
    return ok;
}

/* A table of beginnings must rise from 0 to its total, or a reader would leave the mapping. */
static bool rises32(const uint32_t *first, uint64_t count, uint64_t total)
{
    bool ok = first[0] == 0 && first[count] == total;
    for (uint64_t i = 0; i < count; i++)
        ok &= first[i] <= first[i + 1];
    return ok;
}

static bool rises64(const uint64_t *first, uint64_t count, uint64_t total)
{
    bool ok = first[0] == 0 && first[count] == total;
    for (uint64_t i = 0; i < count; i++)
        ok &= first[i] <= first[i + 1];
    return ok;
}

/*
 * A rated segment is one or several ratings of one record with one start: record_of_segment and who
 * reads a segment's start rely on it.
 */
static bool segments_fit(const ShardIndex *index)
{
    const uint32_t *first = index->segment_first;
    if (first[0] != 0 || first[index->segments] != index->ratings)
        return false;
    for (uint64_t i = 0, record = 0; i < index->segments; i++) {
        if (first[i] >= first[i + 1] || first[i + 1] > index->ratings)
            return false;
        while (index->rating_first[record + 1] <= first[i])
            record++;
        if (first[i + 1] > index->rating_first[record + 1])
            return false;
        for (uint32_t j = first[i] + 1; j < first[i + 1]; j++)
            if (index->rating_start[j] != index->rating_start[first[i]])
                return false;
    }
    return true;
}

static bool check_tables(const ShardIndex *index, Failure *failure)
{
    uint64_t N = index->records;
    const char *kind = safetensors_metadata(&index->file, "kind");
    if (!kind || strcmp(kind, "index") != 0)
        return fail(failure, EX_DATAERR, "%s: not an index", index->path);
    if (rises64(index->shard_first, index->shards, N)
        && rises32(index->label_first, N, index->label_first[N])
        && (!index->rating_first || rises32(index->rating_first, N, index->ratings))
        && segments_fit(index))
        return true;
    return fail(failure, EX_DATAERR,
                "%s: its tables don't fit each other; remove it and index again", index->path);
}

static bool read_metadata(ShardIndex *index, Failure *failure)
{
    const char *format = safetensors_metadata(&index->file, "format");
    const char *partition = safetensors_metadata(&index->file, "partition");
    const char *features = safetensors_metadata(&index->file, "features");
    if (!format || strcmp(format, INDEX_FORMAT) != 0 || !partition)
        return fail(failure, EX_DATAERR, "%s: not an index of format %s; remove it and index again",
                    index->path, INDEX_FORMAT);
    index->partition = partition_of_word(partition);
    index->features = features ? features : "";
    return true;
}

bool shard_index_open(ShardIndex *index, const char *path, Arena *arena, Failure *failure)
{
    *index = (ShardIndex){ .path = path };
    if (safetensors_open(&index->file, path, arena, failure) && read_metadata(index, failure)
        && read_names(index, arena, failure) && map_shards(index, failure)
        && map_records(index, failure) && map_ratings(index, failure)
        && check_tables(index, failure))
        return true;
    shard_index_close(index);
    return false;
}

void shard_index_close(ShardIndex *index)
{
    safetensors_close(&index->file);
    *index = (ShardIndex){ 0 };
}

size_t shard_of_record(const ShardIndex *index, uint64_t record)
{
    size_t low = 0, high = index->shards; // first[low] <= record < first[high]
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (index->shard_first[middle] <= record)
            low = middle;
        else
            high = middle;
    }
    return low;
}

uint64_t record_of_segment(const ShardIndex *index, uint64_t segment)
{
    uint32_t rating = index->segment_first[segment];
    uint64_t low = 0, high = index->records;
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (index->rating_first[middle] <= rating)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t record_id_length(const ShardIndex *index, uint64_t record)
{
    return strnlen(record_id(index, record), index->id_bytes);
}

bool shard_index_folder(const char **folder, const ShardIndex *index, const char *root,
                        Arena *arena, Failure *failure)
{
    if (!root && !scan_memory_folder(&root, index->path, arena, failure))
        return false;
    *folder = root;
    return index->shards == 0
        || layout_locate(folder, root, index->partition, index->shard_name[0],
                         index->shard_bytes[0], arena, failure);
}
