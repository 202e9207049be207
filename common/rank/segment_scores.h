/*
 * Segment scores: what the segments of a class get from several lists, summed by segment.
 *
 *   score = a sum of whole numbers, so that no order of adding changes it
 *
 * A name of the dataset's own kind is its own id, 38 bits (segment_code.h); another one's id is the number
 * of a text. What is added goes to one of 256 parts by the name's hash, 8 bytes each: what the part doesn't
 * say of the id, and the place. Then the parts are summed, one after another in the first-level cache.
 * Parts are limited: where a class has more than fits, one of 2^bits shares of its names is summed at a
 * time, by their hashes too.
 */
#ifndef PODIUM_RANK_SEGMENT_SCORES_H
#define PODIUM_RANK_SEGMENT_SCORES_H

#include "common/rank/submission_csv.h"
#include "common/rank/vector.h"

#include <math.h>

#define SEGMENT_PARTS ((size_t)256)
#define SEGMENT_MOST_PART ((size_t)1 << 14) // entries

/* Points of the segment at a place, from 0, of a list: scale / (w0 + place), rounded. */
typedef struct PlacePoints {
    double scale, w0;
} PlacePoints;
static inline double place_points_whole(PlacePoints points, uint32_t place)
{
    return rint(points.scale / (points.w0 + (double)(int32_t)place));
}
static inline uint64_t place_points(PlacePoints points, size_t place)
{
    return (uint64_t)(int64_t)place_points_whole(points, (uint32_t)place);
}

typedef struct SegmentScore {
    union {
        uint64_t id;
        struct { // while its part is being summed: of the id, and the last list that had it
            uint32_t key, list;
        };
    };
    uint64_t score;
} SegmentScore;

typedef struct SegmentScores {
    uint64_t *entries;                // [SEGMENT_PARTS + 1, stride]: the last part doesn't matter
    size_t part, stride;              // entries that a part may have, and their room
    uint32_t next[SEGMENT_PARTS + 1]; // where each part's next entry goes
    uint32_t *ends;      // [lists, SEGMENT_PARTS]: entries of each part before each list
    PlacePoints *points; // [lists]
    size_t lists, most_lists;
    SegmentScore *sums;   // a first one that stands for none, then
    SegmentScore *summed; // [count]: of the part that was summed last, each name once
    size_t count;
    uint16_t *slots; // an entry's number from 1 by its hash; 0: free
    unsigned share_bits;
    uint64_t share;
    Vector texts; // of TextEntry: names that have no code
} SegmentScores;

/*
 * Make room. Close with segment_scores_close, on failure as well. EX_OSERR.
 *
 *   lists   at most, in a class
 *   part    entries of a part, a power of two from 64 to SEGMENT_MOST_PART
 *   memory  2,048 bytes for each of a part's entries, as far as classes use them
 */
bool segment_scores_open(SegmentScores *scores, size_t lists, size_t part, Failure *failure);
void segment_scores_close(SegmentScores *scores);

/* Begin with nothing, and take share `share` of 2^bits. Share 0 forgets the texts. */
void segment_scores_begin(SegmentScores *scores, unsigned bits, uint64_t share);

/*
 * Add the next list's segments, as far as they are of the share.
 *
 *   most     segments that the list may have; not many more are looked at
 *   listed   how many there were
 *   returns  false: there is no room; begin again with twice as many shares. Or failure is filled
 *            (EX_OSERR)
 */
bool segment_scores_add(SegmentScores *scores, const ClassRow *list, PlacePoints points,
                        size_t most, size_t *listed, Failure *failure);

/* Sum a part: scores->summed has each of its names once. false: a list has a name twice. */
bool segment_scores_sum(SegmentScores *scores, size_t part);

/* The text of an id; that of a name of the dataset's own kind is put into `word`. */
TextEntry segment_scores_text(const SegmentScores *scores, uint64_t id, uint64_t *word);

#endif
