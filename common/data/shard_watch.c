#include "common/data/shard_watch.h"
#include "common/data/scan_memory.h"
#include "common/data/shard_fingerprint.h"
#include "common/data/shard_scan.h"

#include <stdio.h>
#include <string.h>

#define PATH_BYTES 2048

static bool shard_path(char path[PATH_BYTES], const char *folder, const ShardIndex *index,
                       size_t shard, Failure *failure)
{
    return snprintf(path, PATH_BYTES, "%s/%s", folder, index->shard_name[shard]) < PATH_BYTES
        || fail(failure, EX_NOINPUT, "%s: the path is too long", index->shard_name[shard]);
}

/* The fingerprint of a shard with damaged records: which they are, only a scan tells. */
static bool scanned_fingerprint(const ShardIndex *index, const char *path, Arena scratch,
                                char fingerprint[INDEX_FINGERPRINT_BYTES + 1])
{
    FeatureSpecs features = { 0 };
    ShardEntries entries;
    Arena tables = { 0 };
    Failure none = { 0 };
    ScanSettings settings = { .features = &features, .skip_corrupt = true };
    bool ok = feature_specs_parse(&features, index->features, &scratch, &none)
        && shard_scan(&entries, path, &settings, &tables, &none);
    if (ok)
        memcpy(fingerprint, entries.fingerprint, sizeof entries.fingerprint);
    arena_close(&tables);
    return ok;
}

/* Whether a shard has the fingerprint that was indexed. */
static bool is_indexed(const ShardIndex *index, size_t shard, const char *path, Arena scratch)
{
    char found[INDEX_FINGERPRINT_BYTES + 1];
    Failure none = { 0 };
    return (index->shard_skipped[shard] > 0 ? scanned_fingerprint(index, path, scratch, found)
                                            : shard_fingerprint(found, path, &none))
        && memcmp(found, index->shard_fingerprint + shard * INDEX_FINGERPRINT_BYTES,
                  INDEX_FINGERPRINT_BYTES)
        == 0;
}

static bool begin_one(ShardWatch *watch, size_t shard, const ScanMemory *memory, Arena scratch,
                      Failure *failure)
{
    char path[PATH_BYTES];
    const ShardIndex *index = watch->index;
    FileStatus *status = &watch->status[shard];
    if (!shard_path(path, watch->folder, index, shard, failure)
        || !file_status(status, path, failure))
        return false;
    if (status->size != index->shard_bytes[shard])
        return fail(failure, EX_DATAERR, "%s: its size is not the indexed one; index it again",
                    path);
    return scan_memory_find(memory, index->shard_name[shard], status)
        || is_indexed(index, shard, path, scratch)
        || fail(failure, EX_DATAERR, "%s: is not the shard that was indexed; index it again", path);
}

bool shard_watch_begin(ShardWatch *watch, const ShardIndex *index, const char *folder, Arena *arena,
                       Failure *failure)
{
    ScanMemory memory;
    *watch = (ShardWatch){ .index = index, .folder = folder };
    if (!arena_array(arena, watch->status, index->shards, failure))
        return false;
    Arena scratch = *arena;
    if (!scan_memory_read(&memory, index->path, &scratch, failure))
        return false;
    for (size_t i = 0; i < index->shards; i++)
        if (!begin_one(watch, i, &memory, scratch, failure))
            return false;
    return true;
}

bool shard_watch_check(const ShardWatch *watch, Arena scratch, Failure *failure)
{
    for (size_t i = 0; i < watch->index->shards; i++) {
        char path[PATH_BYTES];
        FileStatus now;
        if (!shard_path(path, watch->folder, watch->index, i, failure))
            return false;
        bool there = file_status(&now, path, &(Failure){ 0 });
        if (there && file_status_equal(&watch->status[i], &now))
            continue;
        if (!there || !file_status_same_content(&watch->status[i], &now)
            || !is_indexed(watch->index, i, path, scratch))
            return fail(failure, EX_TEMPFAIL, "%s: changed while it was read; run again", path);
    }
    return true;
}
