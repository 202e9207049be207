/*
 * Segment scores: what the segments of a class get from several lists, summed by segment.
 *
 *   score = a sum of whole numbers, so that no order of adding changes it
 *
 * The id of a name of the dataset's own kind is its code (segment_code.h); another one's has a bit more, and
 * the number of a text. What is added goes to one of 256 parts by the name's hash, 8 bytes each: the part,
 * the id and the place. Then the parts are summed, one after another in the first-level cache. Parts are
 * limited: where a class has more than fits, one of 2^bits shares of its names is summed at a time, by
 * their hashes too.
 */
#ifndef PODIUM_RANK_SEGMENT_SCORES_H
#define PODIUM_RANK_SEGMENT_SCORES_H

#include "common/rank/submission_csv.h"
#include "common/rank/vector.h"

#include <math.h>

#define SEGMENT_PARTS ((size_t)256)
#define SEGMENT_MOST_PART ((size_t)1 << 14) // entries

/* What a list's places are worth: place_points. */
typedef struct PlacePoints {
    double scale, w0;
} PlacePoints;

/* A double's bits as a number. */
static inline uint64_t bits_of_double(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

/*
 * The points of the segment at a place, from 0: scale / (w0 + place), below 2^62, as rint rounds it.
 *
 * Halves of it become integers, and the place a double, by adding what leaves no bits for fractions: vector
 * instructions can do that, and not convert.
 */
static inline uint64_t place_points(PlacePoints points, uint32_t place)
{
    const double whole = 0x1p52, signed_whole = 0x1.8p52;
    double at;
    uint64_t bits = bits_of_double(whole) | place;
    memcpy(&at, &bits, sizeof at);
    double value = points.scale / (points.w0 + (at - whole));
    double upper = value * 0x1p-32 + whole, lower = value - (upper - whole) * 0x1p32;
    return (bits_of_double(upper) << 32) + bits_of_double(lower + signed_whole)
        - bits_of_double(signed_whole);
}

typedef struct SegmentScores {
    uint64_t *entries;            // [SEGMENT_PARTS, stride]
    size_t part, stride;          // entries that a part may have, and their room
    uint32_t next[SEGMENT_PARTS]; // where each part's next entry goes
    uint32_t *ends;               // [lists, SEGMENT_PARTS]: entries of each part before each list
    PlacePoints *points;          // [lists]
    size_t lists, most_lists;
    uint64_t
        *ids; // [1 + count]: of the part that was summed last, each name once; the first is none
    uint64_t *sums; // [1 + count]: their scores
    size_t count;
    uint16_t *slots; // an id's number by its hash; 0: free
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

/* Sum a part: ids and sums have each of its names once, from 1 on. false: a list has a name twice. */
bool segment_scores_sum(SegmentScores *scores, size_t part);

/* The text of an id; that of a name of the dataset's own kind is put into `word`. */
TextEntry segment_scores_text(const SegmentScores *scores, uint64_t id, uint64_t *word);

#endif
