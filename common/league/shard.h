/*
 * Shard: the videos of one shard of a league, written to all files that want them.
 *
 *   2/video  means        2/frame  frames        both with labels but in test
 *   3/frame  frames and, in validate, labels and ratings; the videos are those of 2/frame
 *   hidden   VIDEO,CLASS CLASS ...: what is true of each, for statistics; no step learns from it
 */
#ifndef PODIUM_LEAGUE_SHARD_H
#define PODIUM_LEAGUE_SHARD_H

#include "common/base/file.h"
#include "common/league/world.h"
#include "common/data/layout.h"

typedef enum ShardKind { SHARD_VIDEO, SHARD_FRAME, SHARD_SEGMENT, SHARD_HIDDEN } ShardKind;
#define SHARD_KINDS ((size_t)4)

#define SHARD_NAME_BYTES ((size_t)64)

/* "2/frame/trainaa.tfrecord": the name of a shard's file in the league's folder. */
void shard_file_name(char name[SHARD_NAME_BYTES], Partition partition, ShardKind kind,
                     size_t shard);

/* Whether a partition has files of a kind: there is no 3/frame/train. */
bool shard_kind_exists(Partition partition, ShardKind kind);

/* Asked after each video; false stops the shard. Reports what it says in the failure. */
typedef bool ShardGoOn(void *context, Failure *failure);

/*
 * Draw and write all videos of a shard.
 *
 *   files   [SHARD_KINDS]: NULL where that kind isn't wanted; opened and closed by the caller
 *   memory  one video: about 1.5 MB
 */
bool shard_write(AtomicFile *const files[], const World *world, Partition partition, size_t shard,
                 ShardGoOn *go_on, void *context, Failure *failure);

#endif
