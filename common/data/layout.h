/*
 * Layout: where in a folder the dataset's shards and tables are.
 *
 *   DIR/2/video/{train,validate,test}     2018, one record of means a video
 *   DIR/2/frame/{train,validate,test}     2018, the frames of each video
 *   DIR/3/frame/{validate,test}           2019, frames and rated segments
 *   DIR/{video,frame}/PARTITION, DIR/PARTITION, DIR      parts of these, down to one flat folder
 *
 * A shard is a plain file PARTITION*.tfrecord, or the same with .gz at its end; numbers
 * (validate0000) and suffixes (validateaa) both occur. Source: spec/data-and-metrics 4.1, 4.2.
 */
#ifndef PODIUM_DATA_LAYOUT_H
#define PODIUM_DATA_LAYOUT_H

#include "common/base/arena.h"

#include <stdint.h>

typedef enum Partition { PARTITION_TRAIN, PARTITION_VALIDATE, PARTITION_TEST } Partition;
#define PARTITION_WORDS "train|validate|test" // as a choice of an option

typedef enum Level {
    LEVEL_ANY,     // the only one that is there
    LEVEL_VIDEO,   // 2/video
    LEVEL_FRAME,   // 2/frame
    LEVEL_SEGMENT, // 3/frame; it has no training partition: that is 2/frame's
} Level;
#define LEVEL_WORDS "any|video|frame|segment"

Partition partition_of_word(const char *word); // one of PARTITION_WORDS
Level level_of_word(const char *word);         // one of LEVEL_WORDS
const char *partition_word(Partition partition);

/* The shards of a partition. */
typedef struct ShardList {
    const char *folder;
    const char **names; // sorted by their bytes
    size_t count;
} ShardList;

/*
 * Find the shards of a partition under `root`.
 *
 *   failure  EX_NOINPUT: no such folder, or no shards in any of the places (names what is there).
 *            EX_USAGE: several places have shards, and the level doesn't say which
 */
bool layout_shards(ShardList *shards, const char *root, Partition partition, Level level,
                   Arena *arena, Failure *failure);

/*
 * The folder under `root` that has a shard of this name and size: where an index's shards are.
 * EX_NOINPUT: there is none.
 */
bool layout_locate(const char **folder, const char *root, Partition partition, const char *shard,
                   uint64_t size, Arena *arena, Failure *failure);

/* The path of a table ("vocabulary.csv", "segment_label_ids.csv") under root; EX_NOINPUT. */
bool layout_table(const char **path, const char *root, const char *name, Arena *arena,
                  Failure *failure);

#endif
