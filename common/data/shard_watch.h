/*
 * ShardWatch: whether the shards of an index are, and stay, those that were indexed.
 *
 * What they look like is compared, at the beginning with what the scan remembered (INDEX.scan), at
 * the end with the beginning. A shard that looks otherwise is scanned again, and only another
 * fingerprint counts: a copy, a touch or a new link changes nothing.
 */
#ifndef PODIUM_DATA_SHARD_WATCH_H
#define PODIUM_DATA_SHARD_WATCH_H

#include "common/base/file_status.h"
#include "common/data/index.h"

typedef struct ShardWatch {
    const ShardIndex *index; // borrowed
    const char *folder;      // borrowed
    FileStatus *status;      // [index->shards] when the watch began
} ShardWatch;

/*
 * Begin to watch. Shards that the scan doesn't remember need only have the indexed size.
 *
 *   failure  EX_NOINPUT: one is not there. EX_DATAERR: one is not the one that was indexed
 */
bool shard_watch_begin(ShardWatch *watch, const ShardIndex *index, const char *folder, Arena *arena,
                       Failure *failure);

/*
 * Whether they stayed the same. To be asked before what was made from them is committed.
 *
 *   failure  EX_TEMPFAIL: one changed (says which); what was read is worth nothing
 */
bool shard_watch_end(const ShardWatch *watch, Arena scratch, Failure *failure);

#endif
