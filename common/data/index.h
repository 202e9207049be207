/*
 * Index: what is where in the shards of one partition, for random access.
 *
 * A safetensors artifact that is mapped, not read; for S shards, N records, L labels, R ratings and
 * G rated segments:
 *
 *   shard/name U8         names, each ended by a newline, in the order of their bytes
 *   shard/bytes U64 [S]   sizes of the files       shard/fingerprint U8 [S, 64]  shard_fingerprint.h
 *   shard/first U64 [S+1] number of the first record   shard/skipped U32 [S]     corrupt records
 *   record/offset U64 [N] of its length field in the (uncompressed) shard
 *   record/frames U32 [N] frames; 1 for a video-level record
 *   record/id U8 [N, W]   padded with zero bytes
 *   label/first U32 [N+1], label/class U32 [L]                 a record's labels, as they stand
 * there rating/first U32 [N+1 or 0], rating/{start,end,class} U32 [R], rating/score F32 [R] a
 * record's ratings by start, then by class; of repeated ones the last segment/first U32 [G+1]
 * ratings of one record and start
 *
 * Metadata: kind, format, partition, features. Nothing in it says where the shards are: the same
 * shards give the same bytes wherever they lie, and shard_index_folder finds them.
 */
#ifndef PODIUM_DATA_INDEX_H
#define PODIUM_DATA_INDEX_H

#include "common/data/layout.h"
#include "common/data/safetensors.h"

#define INDEX_FORMAT "1"
#define INDEX_FINGERPRINT_BYTES 64 // a SHA-256 in hex
#define INDEX_MOST_ID_BYTES 64

typedef struct ShardIndex {
    SafetensorsReader file;
    const char *path; // borrowed
    Partition partition;
    const char *features; // as --features of `index` said; "" where it wasn't given

    size_t shards;
    const char **shard_name;
    const uint64_t *shard_bytes, *shard_first;
    const uint32_t *shard_skipped;
    const char *shard_fingerprint; // [shards, INDEX_FINGERPRINT_BYTES]

    uint64_t records;
    size_t id_bytes; // W
    const char *record_id;
    const uint64_t *record_offset;
    const uint32_t *record_frames;

    const uint32_t *label_first, *label_class;

    uint64_t ratings, segments;
    const uint32_t *rating_first; // NULL where there are no ratings
    const uint32_t *rating_start, *rating_end, *rating_class;
    const float *rating_score;
    const uint32_t *segment_first;
} ShardIndex;

/*
 * Map an index and check that its tables fit each other. Close it with shard_index_close.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: not an index, of another format, or damaged
 *   memory   names of shards in the arena; everything else stays in the file
 */
bool shard_index_open(ShardIndex *index, const char *path, Arena *arena, Failure *failure);
void shard_index_close(ShardIndex *index);

/* The shard that has a record. */
size_t shard_of_record(const ShardIndex *index, uint64_t record);

/* The record that has a rated segment. */
uint64_t record_of_segment(const ShardIndex *index, uint64_t segment);

/* Length of a record's id, without its padding. */
size_t record_id_length(const ShardIndex *index, uint64_t record);
static inline const char *record_id(const ShardIndex *index, uint64_t record)
{
    return index->record_id + record * index->id_bytes;
}

/*
 * The folder where an index's shards are.
 *
 *   root     as DATA=dir; NULL: where the scan that made the index found them (INDEX.scan says so)
 *   failure  EX_NOINPUT: they aren't there
 */
bool shard_index_folder(const char **folder, const ShardIndex *index, const char *root,
                        Arena *arena, Failure *failure);

#endif
