/*
 * GAP@20 of videos, batch by batch: every video's 20 highest probabilities go into one list, equal ones
 * in the order of the index and of the classes; GAP is the list's average precision
 * (spec/data-and-metrics 7.5).
 */
#ifndef PODIUM_LEARN_VALIDATION_GAP_H
#define PODIUM_LEARN_VALIDATION_GAP_H

#include "common/data/loader.h"
#include "common/rank/heap.h"
#include "common/tensor/real.h"

#define VALIDATION_TOP ((size_t)20)

typedef struct ValidationGap {
    TopHeap *heaps;    // [batch]: the best classes of each video
    uint64_t *list;    // [entries]: score and place, see ranked.h
    uint8_t *positive; // [entries]: by place
    uint8_t *ranking;  // [entries]: by rank
    size_t count;      // entries so far
    size_t classes;
    uint64_t positives; // labels of all videos
} ValidationGap;

/* Room for all videos of a loader: 17 bytes for each of 20 entries a video. */
bool validation_gap_create(ValidationGap *gap, const LoaderSettings *loader, size_t classes,
                           Arena *arena, Failure *failure);

void validation_gap_begin(ValidationGap *gap);

/* Add a batch with its probabilities [count, classes]. EX_DATAERR: one is not a number. */
bool validation_gap_add(ValidationGap *gap, const Batch *batch, const real *probabilities,
                        Failure *failure);

double validation_gap_value(ValidationGap *gap);

#endif
