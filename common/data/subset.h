/*
 * Subset: some of the records of an index: a fold, a hold-out, 26 of 32 shards.
 *
 * A safetensors artifact of record U32 [n] and segment U32 [m], both ascending: numbers of records
 * and of rated segments in the index. Metadata: kind, format, by, index (shard_index_identity).
 *
 * Parts are drawn by (seed, name of the shard | id of the video | id and start of the segment),
 * never by position. A part's share of videos or segments is an interval of their random numbers,
 * so a video stays in its part whatever others come or go. Shards are put in the order of their
 * random numbers, or of their names where there is no seed, and dealt out in numbers that are
 * exact.
 */
#ifndef PODIUM_DATA_SUBSET_H
#define PODIUM_DATA_SUBSET_H

#include "common/data/index.h"

#define SUBSET_FORMAT "1"
#define SUBSET_MOST_PARTS 64

typedef enum SubsetUnit { SUBSET_SHARD, SUBSET_VIDEO, SUBSET_SEGMENT } SubsetUnit;
#define SUBSET_UNIT_WORDS "shard|video|segment"
SubsetUnit subset_unit_of_word(const char *word);

/* How to cut an index into parts, and which part is meant. */
typedef struct SubsetChoice {
    SubsetUnit by;
    double parts[SUBSET_MOST_PARTS]; // shares, in any unit: 26 and 6, or 0.8 and 0.2
    size_t part_count, part;
    bool seeded;
    uint64_t seed;
} SubsetChoice;

typedef struct Subset {
    SafetensorsReader file; // of one that was opened
    const char *path;       // borrowed
    SubsetUnit by;
    const uint32_t *records, *segments; // ascending
    uint64_t record_count, segment_count;
} Subset;

/* Parse "26,6" or "0.8,0.2". EX_USAGE: not numbers above 0, or more than SUBSET_MOST_PARTS. */
bool subset_parts_parse(SubsetChoice *choice, const char *text, Failure *failure);

/*
 * Draw a part; the lists live in the arena.
 *
 *   By shard or video, all rated segments of a video go with it. By segment, `records` are those
 *   that have a segment in the part, so a record may be in several parts; its segments are not.
 *   failure  EX_USAGE: no such part
 */
bool subset_draw(Subset *subset, const ShardIndex *index, const SubsetChoice *choice, Arena *arena,
                 Failure *failure);

/* Whether a record stays in a subset. */
typedef bool SubsetKeeps(const void *context, const ShardIndex *index, uint64_t record);

/* Leave out the records that don't stay, and their segments; the new lists live in the arena. */
bool subset_filter(Subset *subset, const ShardIndex *index, SubsetKeeps *keeps, const void *context,
                   Arena *arena, Failure *failure);

bool subset_write(const Subset *subset, const ShardIndex *index, AtomicFile *file, Arena scratch,
                  Failure *failure);

/*
 * Map a subset of an index. Close it with subset_close.
 * EX_DATAERR: not a subset, damaged, or of another index.
 */
bool subset_open(Subset *subset, const char *path, const ShardIndex *index, Arena *arena,
                 Failure *failure);
void subset_close(Subset *subset);

/*
 * Refuse two subsets of one index that share a segment (where one of them is by segment) or a
 * record: EX_DATAERR, says which.
 */
bool subset_check_disjoint(const Subset *a, const Subset *b, const ShardIndex *index,
                           Failure *failure);

/* The hash of what an index is of: its shards' names, fingerprints and numbers of records. */
void shard_index_identity(const ShardIndex *index, char hex[SHA256_HEX_BYTES]);

#endif
