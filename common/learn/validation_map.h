/*
 * MAP@100,000 of rated segments, batch by batch: the value that `evaluate` gives to the predictions of
 * these segments. A class's list has the segments that are rated for it, equal scores in the order of
 * the ids' bytes and of the starts; segments behind their video's last frame are in no list.
 */
#ifndef PODIUM_LEARN_VALIDATION_MAP_H
#define PODIUM_LEARN_VALIDATION_MAP_H

#include "common/data/loader.h"
#include "common/rank/segment_map.h"
#include "common/tensor/real.h"

#define VALIDATION_MAP_TOP ((size_t)100000)

typedef struct ValidationMap {
    SegmentTruth truth;         // of the loader's segments, in its order
    const LoaderSource *source; // of the loader
    size_t classes;             // of the network
    uint32_t *tie;              // [segments]: the place in the order of ids and starts
    uint32_t *of_tie;           // [segments]: the segment at a place
    float *score;               // [ratings], in the truth's order; NAN: none
    uint64_t *order;            // [ratings of the largest class]
    uint32_t *listed;           // [the same]
    uint64_t next;              // the first segment that no batch had yet
} ValidationMap;

/*
 * Prepare for the rated segments of a loader of one source, in their order; all is borrowed.
 *
 *   failure  EX_DATAERR: none is rated positive; what segment_truth_of_index says
 *   memory   about 100 bytes a segment
 */
bool validation_map_create(ValidationMap *map, const LoaderSettings *loader, size_t classes,
                           Arena *arena, Failure *failure);

void validation_map_begin(ValidationMap *map);

/* Add the next batch with its probabilities [count, classes]. EX_DATAERR: one is not a number. */
bool validation_map_add(ValidationMap *map, const Batch *batch, const real *probabilities,
                        Failure *failure);

bool validation_map_value(ValidationMap *map, double *value, Arena scratch, Failure *failure);

#endif
