/*
 * Scan of a shard: every record verified and parsed once, to what an index holds of it.
 */
#ifndef PODIUM_DATA_SHARD_SCAN_H
#define PODIUM_DATA_SHARD_SCAN_H

#include "common/data/dataset.h"
#include "common/data/index.h"

/* What an index holds of one shard. */
typedef struct ShardEntries {
    char fingerprint[INDEX_FINGERPRINT_BYTES + 1];
    uint64_t bytes; // size of the file
    uint32_t skipped;
    uint64_t records;
    size_t id_bytes;
    const char *id;                                           // [records, id_bytes]
    const uint64_t *offset;                                   // [records]
    const uint32_t *frames;                                   // [records]
    const uint32_t *label_first;                              // [records + 1], not from 0 on
    const uint32_t *label_class;                              // that of label_first[0] first
    const uint32_t *rating_first;                             // [records + 1]; NULL: no ratings
    const uint32_t *rating_start, *rating_end, *rating_class; // that of rating_first[0] first
    const float *rating_score;
} ShardEntries;

typedef struct ScanSettings {
    const FeatureSpecs *features; // that each record must have; none: whatever it has
    bool skip_corrupt;
} ScanSettings;

/*
 * Verify a shard in full.
 *
 *   fingerprint  see shard_fingerprint.h
 *   frames       of the features asked for, the fewest; 1 where none is a list of frames
 *   arena        opened here for the entries, exactly as large as they are; the caller closes it
 *   skipped      records that are cut off, fail their checksum or are malformed, where skip_corrupt
 *                says so; after a damaged length the rest of the shard counts as one
 *   failure      EX_DATAERR: such a record otherwise; a record without id, without a feature that was
 *                asked for or with another width; a label or time that is negative or too large
 */
bool shard_scan(ShardEntries *entries, const char *path, const ScanSettings *settings, Arena *arena,
                Failure *failure);

/* An index's entries of one shard, which stay where they are. */
ShardEntries shard_index_entries(const ShardIndex *index, size_t shard);

/* Labels and ratings of all records. */
static inline uint64_t shard_labels(const ShardEntries *entries)
{
    return entries->label_first[entries->records] - entries->label_first[0];
}
static inline uint64_t shard_ratings(const ShardEntries *entries)
{
    return entries->rating_first
        ? entries->rating_first[entries->records] - entries->rating_first[0]
        : 0;
}

#endif
