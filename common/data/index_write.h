/*
 * Writing an index from what was found in each shard.
 */
#ifndef PODIUM_DATA_INDEX_WRITE_H
#define PODIUM_DATA_INDEX_WRITE_H

#include "common/data/shard_scan.h"

/* What an index is made of. */
typedef struct IndexContent {
    Partition partition;
    const char *features; // as --features said; ""
    const char **names;   // [shards], sorted
    const ShardEntries *entries;
    size_t shards;
} IndexContent;

/*
 * Refuse a partition in which an id occurs twice: EX_DATAERR, says which two records.
 *
 *   memory  eight to sixteen bytes a record, while it runs
 */
bool index_check_ids(const IndexContent *content, Arena scratch, Failure *failure);

/*
 * Write an index; a function of its content alone.
 *
 *   failure  EX_DATAERR: more than 2^32 - 1 records, labels or ratings. EX_IOERR.
 *   memory   none that grows with the partition
 */
bool index_write(const IndexContent *content, AtomicFile *file, Arena scratch, Failure *failure);

#endif
