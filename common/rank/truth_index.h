/*
 * Truth from an index: the labels and the ratings that the dataset's own records carry.
 */
#ifndef PODIUM_RANK_TRUTH_INDEX_H
#define PODIUM_RANK_TRUTH_INDEX_H

#include "common/data/index.h"
#include "common/rank/predictions.h"
#include "common/rank/truth.h"

/*
 * The labels of some records of an index, which must stay open: the ids are its own.
 *
 *   records  [count], numbers of records; NULL: all
 *   failure  EX_DATAERR: an id that is there twice, a label beyond TRUTH_MOST_CLASSES
 */
bool video_truth_of_index(VideoTruth *truth, const ShardIndex *index, const uint32_t *records,
                          uint64_t count, Arena *arena, Failure *failure);

/*
 * The ratings of some rated segments of an index, which must stay open. Segment number i of the truth is
 * the i-th of them; a score above 0 is positive.
 *
 *   segments  [count], numbers of segments, ascending; NULL: all
 *   failure   EX_DATAERR: a segment that is there twice, a class beyond TRUTH_MOST_CLASSES
 */
bool segment_truth_of_index(SegmentTruth *truth, const ShardIndex *index, const uint32_t *segments,
                            uint64_t count, Arena *arena, Failure *failure);

/* The records of an index that were predicted: their numbers, in the arena. */
bool records_predicted(uint32_t **records, uint64_t *count, const ShardIndex *index,
                       const Predictions *predictions, Arena *arena, Failure *failure);

#endif
