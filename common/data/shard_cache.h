/*
 * ShardCache: the shards of an index, opened as they are asked for, the least recently used closed,
 * for several threads at once.
 */
#ifndef PODIUM_DATA_SHARD_CACHE_H
#define PODIUM_DATA_SHARD_CACHE_H

#include "common/data/index.h"
#include "common/data/tfrecord.h"

#include <pthread.h>

#define SHARD_CACHE_MOST_OPEN 4096 // mappings: a partition has 3,844 shards, a process 65,530
#define SHARD_CACHE_INFLATED_BYTES ((uint64_t)1 << 30) // of compressed shards, all together
#define SHARD_CACHE_MAPPED_BYTES ((uint64_t)32 << 20)  // of pages in use; a loader has 16 caches

typedef struct CachedShard {
    const char *path;
    TfrecordReader reader;
    bool open;
    bool touched;  // read from since pages were given back
    size_t users;  // threads that read from it now
    uint64_t used; // when it was asked for last, in requests
} CachedShard;

typedef struct ShardCache {
    const ShardIndex *index;
    CachedShard *shards; // [index->shards]
    size_t open[SHARD_CACHE_MOST_OPEN];
    size_t open_count, most_open;
    uint64_t requests, inflated_bytes;
    uint64_t mapped_bytes; // at most, that reading brought in since pages were given back
    pthread_mutex_t mutex;
} ShardCache;

/*
 * Begin with no shard open. Close it with shard_cache_close, when no thread uses it any more.
 *
 *   most_open  shards at once, up to SHARD_CACHE_MOST_OPEN; at least one for each thread
 */
bool shard_cache_open(ShardCache *cache, const ShardIndex *index, const char *folder,
                      size_t most_open, Arena *arena, Failure *failure);
void shard_cache_close(ShardCache *cache);

/*
 * A reader of a shard, for tfrecord_at; give it back with shard_cache_release, which takes how many
 * bytes of it were read. Their pages are kept for a while, up to SHARD_CACHE_MAPPED_BYTES: a process
 * grows no further, however much it reads.
 *
 *   returns  NULL with EX_NOINPUT: it is not there; EX_DATAERR: its size is not the indexed one
 */
const TfrecordReader *shard_cache_take(ShardCache *cache, size_t shard, Failure *failure);
void shard_cache_release(ShardCache *cache, size_t shard, size_t bytes);

#endif
