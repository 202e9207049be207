/*
 * Segment scores: what the segments of a class get from several lists, summed by segment.
 *
 *   score = a sum of whole numbers, so that no order of adding changes it
 *
 * A name of up to 8 bytes, as all of the dataset's are (4 letters, a colon, up to 3 digits), is its own
 * 64-bit id; a longer one's id is the number of a text. What is added goes to one of 128 parts by the
 * name's hash, each written from its beginning to its end; then the parts are summed, one after another
 * in the first-level cache. Parts are limited: where a class has more than fits, one of 2^bits shares of
 * its names is summed at a time, by their hashes too.
 */
#ifndef PODIUM_RANK_SEGMENT_SCORES_H
#define PODIUM_RANK_SEGMENT_SCORES_H

#include "common/rank/submission_csv.h"
#include "common/rank/vector.h"

#include <math.h>

#define SEGMENT_PARTS ((size_t)128)
#define SEGMENT_MOST_PART ((size_t)1 << 14) // entries

typedef struct SegmentScore {
    uint64_t id, score;
} SegmentScore;

typedef struct SegmentScores {
    SegmentScore *entries; // [SEGMENT_PARTS, part]; once summed: [count]
    size_t part, count;
    uint32_t *ends; // [lists, SEGMENT_PARTS]: entries of each part after each list
    size_t lists, most_lists;
    uint32_t filled[SEGMENT_PARTS];
    uint16_t *slots;     // [2 part]: of the part being summed: an entry's number from 1; 0: free
    uint32_t *last_list; // [part]: of each of its entries
    unsigned share_bits;
    uint64_t share;
    Vector texts; // of TextEntry: names that are no words
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

/* Points of the segment at a place, from 0, of a list: scale / (w0 + place). */
typedef struct PlacePoints {
    double scale, w0;
} PlacePoints;
static inline uint64_t place_points(PlacePoints points, size_t place)
{
    return (uint64_t)llrint(points.scale / (points.w0 + (double)(int64_t)place));
}

/*
 * Add the next list's segments, as far as they are of the share.
 *
 *   most     segments that the list may have; no more than one above them is looked at
 *   listed   how many there were
 *   returns  false: there is no room; begin again with twice as many shares. Or failure is filled
 *            (EX_OSERR)
 */
bool segment_scores_add(SegmentScores *scores, const ClassRow *list, PlacePoints points,
                        size_t most, size_t *listed, Failure *failure);

/* Sum: scores->entries has each name once. false: a list has a name twice. */
bool segment_scores_sum(SegmentScores *scores);

/* The text of an id; a word's is put into `word`. */
TextEntry segment_scores_text(const SegmentScores *scores, uint64_t id, uint64_t *word);

#endif
