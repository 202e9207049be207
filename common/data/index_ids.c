#include "common/data/index_write.h"

#include <string.h>

/* Where a record is. */
typedef struct Place {
    size_t shard;
    uint64_t record; // within its shard
} Place;

static Place place_of(const uint64_t *first, size_t shards, uint64_t number)
{
    size_t low = 0, high = shards; // first[low] <= number < first[high]
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (first[middle] <= number)
            low = middle;
        else
            high = middle;
    }
    return (Place){ low, number - first[low] };
}

static const char *id_at(const IndexContent *content, Place place, size_t *length)
{
    const ShardEntries *entries = &content->entries[place.shard];
    const char *id = entries->id + place.record * entries->id_bytes;
    *length = strnlen(id, entries->id_bytes);
    return id;
}

/* FNV-1a, its bits mixed once more so that the low ones are good too. */
static uint64_t hash_id(const char *id, size_t length)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < length; i++)
        hash = (hash ^ (uint8_t)id[i]) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

static bool refuse_twice(const IndexContent *content, Place first, Place second, Failure *failure)
{
    size_t length;
    const char *id = id_at(content, first, &length);
    return fail(failure, EX_DATAERR,
                "%s:%llu: id %.*s is also that of the record at byte %llu of %s; remove one of the "
                "two shards",
                content->names[second.shard],
                (unsigned long long)content->entries[second.shard].offset[second.record],
                (int)length, id,
                (unsigned long long)content->entries[first.shard].offset[first.record],
                content->names[first.shard]);
}

/* An open hash table of record numbers + 1, by id. */
typedef struct IdTable {
    const IndexContent *content;
    const uint64_t *first; // [shards + 1] number of each shard's first record
    uint32_t *slot;
    uint64_t slots; // a power of two
} IdTable;

/* Enter the record at a place; EX_DATAERR where its id is there already. */
static bool enter_id(const IdTable *table, Place at, Failure *failure)
{
    size_t length, other_length;
    const char *id = id_at(table->content, at, &length);
    uint64_t place = hash_id(id, length) & (table->slots - 1);
    for (; table->slot[place]; place = (place + 1) & (table->slots - 1)) {
        Place other = place_of(table->first, table->content->shards, table->slot[place] - 1);
        const char *other_id = id_at(table->content, other, &other_length);
        if (length == other_length && memcmp(id, other_id, length) == 0)
            return refuse_twice(table->content, other, at, failure);
    }
    table->slot[place] = (uint32_t)(table->first[at.shard] + at.record) + 1;
    return true;
}

bool index_check_ids(const IndexContent *content, Arena scratch, Failure *failure)
{
    uint64_t *first;
    IdTable table = { .content = content, .slots = 16 };
    if (!arena_array(&scratch, first, content->shards + 1, failure))
        return false;
    for (size_t i = 0; i < content->shards; i++)
        first[i + 1] = first[i] + content->entries[i].records;
    while (table.slots < 2 * first[content->shards])
        table.slots *= 2;
    table.first = first;
    if (!arena_array(&scratch, table.slot, table.slots, failure))
        return false;
    for (Place at = { 0 }; at.shard < content->shards; at.shard++)
        for (at.record = 0; at.record < content->entries[at.shard].records; at.record++)
            if (!enter_id(&table, at, failure))
                return false;
    return true;
}
