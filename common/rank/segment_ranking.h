/*
 * Segment ranking: the segments of a class with the highest scores, best first.
 *
 * Equal scores: by the id's bytes, then by the start (segment_name.h). A score of 0 isn't listed.
 *
 * Scores fall into buckets of less than 1 % each, which count them all, so that it is known where the best
 * ones end. Where that will be is foreseen from a share of a class's segments; of the others only those
 * are kept that come before it. Rarely too few are; then all are taken in once more.
 */
#ifndef PODIUM_RANK_SEGMENT_RANKING_H
#define PODIUM_RANK_SEGMENT_RANKING_H

#include "common/rank/segment_scores.h"

/* The better a score, the smaller its place: 24 bits, the upper ones a bucket's. Ids have what is left. */
#define SEGMENT_RANKED_ID_BITS 40
#define SEGMENT_RANKED_ID_MASK (((uint64_t)1 << SEGMENT_RANKED_ID_BITS) - 1)

typedef struct RankedSegment {
    uint64_t place_and_id, score;
} RankedSegment;

typedef struct SegmentRanking {
    RankedSegment *kept;  // [count]: as they came; after segment_ranking_finish best first
    RankedSegment *spare; // to sort them with
    size_t count, room, spare_room, top;
    uint32_t *buckets; // how many scores each has had, kept or not
    uint32_t limit;    // the last bucket whose scores are kept
    bool certain;      // that it is enough
} SegmentRanking;

/* A ranking of the best `top`, at least 1. Close it with segment_ranking_close, on failure as well. */
bool segment_ranking_open(SegmentRanking *ranking, size_t top, Failure *failure);
void segment_ranking_close(SegmentRanking *ranking);

/* Begin with nothing. */
void segment_ranking_begin(SegmentRanking *ranking);

/*
 * Take in entries, ids[count] and sums[count], whose names were not among those before. EX_OSERR.
 *
 *   memory  16 bytes for each that is kept, and as much again to sort them
 *   cost    linear
 */
bool segment_ranking_add(SegmentRanking *ranking, const uint64_t *ids, const uint64_t *sums,
                         size_t count, Failure *failure);

/* What was taken in is a random `share` of all: foresee where the best ones will end. */
void segment_ranking_foresee(SegmentRanking *ranking, double share);

/* After all were taken in: whether too few were kept. If so, all must be taken in once more, from now on. */
bool segment_ranking_again(SegmentRanking *ranking);

/* Sort what was kept; the best `top` of it are the ranking. `scores` tells the ids' texts. EX_OSERR. */
bool segment_ranking_finish(SegmentRanking *ranking, const SegmentScores *scores, Failure *failure);

/* The id at a rank, from 0 on, after segment_ranking_finish. */
static inline uint64_t segment_ranking_id(const SegmentRanking *ranking, size_t rank)
{
    return ranking->kept[rank].place_and_id & SEGMENT_RANKED_ID_MASK;
}

#endif
