/*
 * Best segments: for each class the rows of predictions with the highest scores, as a submission
 * lists them. Equal scores: by the id's bytes, then by the start.
 */
#ifndef PODIUM_RANK_BEST_SEGMENTS_H
#define PODIUM_RANK_BEST_SEGMENTS_H

#include "common/rank/predictions.h"

/* Takes a class's rows, best first; false with the failure filled stops. */
typedef bool TakeBestSegments(void *context, uint32_t class, const uint32_t *rows, size_t count,
                              Failure *failure);

/*
 * Call take for each class, in the order of `classes`.
 *
 *   top      rows a class
 *   classes  [class_count], ascending. EX_DATAERR where one was not predicted
 *   failure  EX_DATAERR as well: a score is NaN, a row is there twice
 *   memory   8 bytes for each row kept, of as many classes at a time as fit 512 MiB, one at least;
 *            16 bytes a row
 *   cost     the scores are read once for each time
 */
bool best_segments(Predictions *predictions, size_t top, const uint32_t *classes,
                   size_t class_count, TakeBestSegments *take, void *context, Arena scratch,
                   Failure *failure);

#endif
