/*
 * Segment ranking: the segments of a class with the highest scores, best first.
 *
 * Equal scores: by the id's bytes, then by the start (segment_name.h). A score of 0 isn't listed.
 */
#ifndef PODIUM_RANK_SEGMENT_RANKING_H
#define PODIUM_RANK_SEGMENT_RANKING_H

#include "common/rank/segment_scores.h"

typedef struct SegmentRanking {
    uint64_t *kept, *scores; // [count]: ids and their scores, in the order in which they came
    uint32_t *places;        // [count]: of the scores, the better the smaller
    size_t count, room, top;
    uint64_t *numbers; // [2 number_room]: of the kept ones, and as much to sort them with
    size_t number_room;
    const uint64_t *ids; // [count], after segment_ranking_finish: best first
    uint32_t *buckets;   // how many scores have the same upper bits
} SegmentRanking;

/* A ranking of the best `top`, at least 1. Close it with segment_ranking_close, on failure as well. */
bool segment_ranking_open(SegmentRanking *ranking, size_t top, Failure *failure);
void segment_ranking_close(SegmentRanking *ranking);

/* Begin with nothing. */
void segment_ranking_begin(SegmentRanking *ranking);

/*
 * Take in entries whose names were not among those before.
 *
 *   memory  of 1.75 top entries, and twice of those whose scores are within 1 % of the last one's
 *   cost    linear
 */
bool segment_ranking_add(SegmentRanking *ranking, const SegmentScore *entries, size_t count,
                         Failure *failure);

/* Sort what was kept, of which the best `top` count from now on. `scores` tells the ids' texts. */
bool segment_ranking_finish(SegmentRanking *ranking, const SegmentScores *scores, Failure *failure);

#endif
