#include "common/data/video_set.h"

#include <string.h>

bool videos_open(Videos *videos, const char *index, const char *part, Arena *arena,
                 Failure *failure)
{
    *videos = (Videos){ .has_part = part != NULL };
    if (!shard_index_open(&videos->index, index, arena, failure))
        return false;
    if (!part || subset_open(&videos->part, part, &videos->index, arena, failure))
        return true;
    shard_index_close(&videos->index);
    return false;
}

void videos_close(Videos *videos)
{
    if (videos->has_part)
        subset_close(&videos->part);
    shard_index_close(&videos->index);
}

uint64_t videos_count(const Videos *videos)
{
    return videos->has_part ? videos->part.record_count : videos->index.records;
}

static uint64_t record_at(const Videos *videos, uint64_t i)
{
    return videos->has_part ? videos->part.records[i] : i;
}

/* FNV-1a, its bits mixed once more so that the low ones are good too. */
static uint64_t hash_of(const char *id, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)id[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

/* Where an id is, or would be, in a table of record numbers + 1. */
static uint64_t *slot_of(const VideoTable *table, const char *id, size_t length)
{
    const ShardIndex *index = &table->videos->index;
    uint64_t slot = hash_of(id, length) & table->mask;
    for (; table->slots[slot]; slot = (slot + 1) & table->mask) {
        uint64_t record = table->slots[slot] - 1;
        if (record_id_length(index, record) == length
            && memcmp(record_id(index, record), id, length) == 0)
            break;
    }
    return &table->slots[slot];
}

bool video_table_make(VideoTable *table, const Videos *videos, Arena *arena, Failure *failure)
{
    uint64_t slots = 2;
    while (slots < 2 * videos_count(videos))
        slots *= 2;
    *table = (VideoTable){ .videos = videos, .mask = slots - 1 };
    if (!arena_array(arena, table->slots, slots, failure))
        return false;
    for (uint64_t i = 0; i < videos_count(videos); i++) {
        uint64_t record = record_at(videos, i);
        *slot_of(table, record_id(&videos->index, record),
                 record_id_length(&videos->index, record)) = record + 1;
    }
    return true;
}

bool video_table_has(const VideoTable *table, const char *id, size_t length)
{
    return *slot_of(table, id, length) != 0;
}

bool videos_share(const Videos *a, const Videos *b, const char **id, Arena *arena, Arena scratch,
                  Failure *failure)
{
    VideoTable table;
    if (!video_table_make(&table, a, &scratch, failure))
        return false;
    for (uint64_t i = 0; i < videos_count(b); i++) {
        uint64_t record = record_at(b, i);
        const char *own = record_id(&b->index, record);
        size_t length = record_id_length(&b->index, record);
        if (video_table_has(&table, own, length))
            return (*id = arena_copy(arena, own, length, failure)) != NULL;
    }
    return false;
}
