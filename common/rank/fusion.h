/*
 * Fusion: the weighted mean of prediction files.
 *
 *   score = sum_i w_i s_i     w_i = weight_i / sum of weights, added in the order of the files
 *
 * In double precision, rounded once. A block of rows at a time; nothing depends on threads.
 */
#ifndef PODIUM_RANK_FUSION_H
#define PODIUM_RANK_FUSION_H

#include "common/rank/predictions.h"

typedef struct Fusion {
    Predictions *inputs; // [count]
    double *weights;     // [count], sum 1
    size_t count;
} Fusion;

/*
 * Parse "1,2,1": a weight for each of `count` inputs, from 0, not all 0. NULL: equal weights.
 * EX_USAGE otherwise.
 */
bool fusion_weights(Fusion *fusion, const char *text, size_t count, Arena *arena, Failure *failure);

/* Take weights from 0, not all 0, of `count` inputs. */
bool fusion_take_weights(Fusion *fusion, const double *weights, size_t count, Arena *arena,
                         Failure *failure);

/*
 * Open the inputs and compare them. Close with fusion_close, on failure as well.
 *
 *   failure  as predictions_open; EX_DATAERR: two have other classes, or other rows (says the first)
 */
bool fusion_open(Fusion *fusion, const char *const *paths, size_t count, Arena *arena,
                 Failure *failure);
void fusion_close(Fusion *fusion);

/* Write the mean. EX_DATAERR: a score is NaN. Memory: a block of rows. */
bool fusion_write(Fusion *fusion, AtomicFile *file, Arena scratch, Failure *failure);

#endif
