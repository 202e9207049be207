/*
 * ShardWatch: whether the shards of an index are, and stay, those that were indexed.
 *
 * What they look like is compared. At the beginning a shard that looks otherwise than the scan remembers
 * (INDEX.scan) must have the indexed framing: a copy, a touch or a new link changes nothing. From then on
 * any change of it counts but a new link: it may have been another shard for a moment, and back again.
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
 * Begin to watch.
 *
 *   failure  EX_NOINPUT: one is not there. EX_DATAERR: one is not the one that was indexed
 */
bool shard_watch_begin(ShardWatch *watch, const ShardIndex *index, const char *folder, Arena *arena,
                       Failure *failure);

/*
 * Whether they stayed the same so far. To be asked whenever something that was made from them is to be
 * kept: an artifact, a file of one, a state to go on from. One stat a shard.
 *
 *   failure  EX_TEMPFAIL: one changed (says which); what was read since the last time is worth nothing
 */
bool shard_watch_check(const ShardWatch *watch, Arena scratch, Failure *failure);

#endif
