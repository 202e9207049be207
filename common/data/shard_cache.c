#include "common/data/shard_cache.h"
#include "common/data/scan_memory.h"

#include <assert.h>

/* What a page fault may map beside what was asked for: the largest page that a file is kept in. */
#define AROUND_BYTES ((uint64_t)2 << 20)

bool shard_cache_open(ShardCache *cache, const ShardIndex *index, const char *folder,
                      size_t most_open, Arena *arena, Failure *failure)
{
    *cache = (ShardCache){ .index = index, .most_open = most_open };
    assert(most_open > 0 && most_open <= SHARD_CACHE_MOST_OPEN);
    pthread_mutex_init(&cache->mutex, NULL);
    if (!arena_array(arena, cache->shards, index->shards, failure))
        return false;
    for (size_t i = 0; i < index->shards; i++) {
        cache->shards[i].path = arena_format(arena, failure, "%s/%s", folder, index->shard_name[i]);
        if (!cache->shards[i].path)
            return false;
    }
    return true;
}

static void close_shard(ShardCache *cache, size_t place)
{
    CachedShard *shard = &cache->shards[cache->open[place]];
    if (shard->reader.inflated)
        cache->inflated_bytes -= shard->reader.size;
    tfrecord_close(&shard->reader);
    shard->open = shard->touched = false;
    cache->open[place] = cache->open[--cache->open_count];
}

void shard_cache_close(ShardCache *cache)
{
    if (!cache->index)
        return;
    while (cache->shards && cache->open_count)
        close_shard(cache, cache->open_count - 1);
    pthread_mutex_destroy(&cache->mutex);
    *cache = (ShardCache){ 0 };
}

/* Close the idle shard that was asked for longest ago; false where none is idle. */
static bool close_oldest(ShardCache *cache)
{
    size_t oldest = SIZE_MAX;
    for (size_t i = 0; i < cache->open_count; i++) {
        const CachedShard *shard = &cache->shards[cache->open[i]];
        if (shard->users == 0
            && (oldest == SIZE_MAX || shard->used < cache->shards[cache->open[oldest]].used))
            oldest = i;
    }
    if (oldest != SIZE_MAX)
        close_shard(cache, oldest);
    return oldest != SIZE_MAX;
}

static bool open_shard(ShardCache *cache, size_t number, Failure *failure)
{
    FileStatus status;
    CachedShard *shard = &cache->shards[number];
    while (cache->open_count == cache->most_open
           || cache->inflated_bytes > SHARD_CACHE_INFLATED_BYTES)
        if (!close_oldest(cache))
            break;
    if (cache->open_count == cache->most_open)
        return fail(failure, EX_SOFTWARE, "%s: all open shards are in use", shard->path);
    if (!file_status(&status, shard->path, failure))
        return false;
    if (status.size != cache->index->shard_bytes[number])
        return fail(failure, EX_DATAERR, "%s: its size is not the indexed one; index it again",
                    shard->path);
    if (!tfrecord_open(&shard->reader, shard->path, failure))
        return false;
    if (shard->reader.inflated)
        cache->inflated_bytes += shard->reader.size;
    cache->open[cache->open_count++] = number;
    shard->open = true;
    return true;
}

const TfrecordReader *shard_cache_take(ShardCache *cache, size_t number, Failure *failure)
{
    CachedShard *shard = &cache->shards[number];
    pthread_mutex_lock(&cache->mutex);
    bool ok = shard->open || open_shard(cache, number, failure);
    if (ok) {
        shard->users++;
        shard->used = ++cache->requests;
    }
    pthread_mutex_unlock(&cache->mutex);
    return ok ? &shard->reader : NULL;
}

/* Give back the pages of all shards that were read from. */
static void forget_pages(ShardCache *cache)
{
    for (size_t i = 0; i < cache->open_count; i++) {
        CachedShard *shard = &cache->shards[cache->open[i]];
        if (shard->touched)
            tfrecord_forget(&shard->reader);
        shard->touched = false;
    }
    cache->mapped_bytes = 0;
}

void shard_cache_release(ShardCache *cache, size_t number, size_t bytes)
{
    CachedShard *shard = &cache->shards[number];
    pthread_mutex_lock(&cache->mutex);
    shard->users--;
    shard->touched = true;
    cache->mapped_bytes += bytes + AROUND_BYTES;
    if (cache->mapped_bytes > SHARD_CACHE_MAPPED_BYTES)
        forget_pages(cache);
    pthread_mutex_unlock(&cache->mutex);
}
