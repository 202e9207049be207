/*
 * MAP@K of segments, as 2019's contest scores a submission.
 *
 *   for a class: its list is cut after K entries, entries without a rating for the class are
 *   dropped, of a segment that is there twice the first entry counts; AP with P = the class's rated
 *   positives. Classes without positives are left out; classes without a list score 0.
 *
 * Where the truth has parts, each is scored by itself: to a part, ratings of another part are none.
 *
 * Precision at rank k: of a class's list as above, the share of positives among its first k; where
 * it is shorter, what is missing counts as no positive. Its mean over the classes with positives is
 * kept for the ranks that every one of them has ratings for.
 *
 * Source: spec/data-and-metrics 7.9.
 */
#ifndef PODIUM_RANK_SEGMENT_MAP_H
#define PODIUM_RANK_SEGMENT_MAP_H

#include "common/rank/average_precision.h"
#include "common/rank/ignored.h"
#include "common/rank/predictions.h"
#include "common/rank/rated_filter.h"
#include "common/rank/submission_csv.h"
#include "common/rank/truth.h"

typedef struct SegmentMap {
    const SegmentTruth *truth;
    size_t top;
    uint8_t *rating;                    // [segments]: of the class at hand
    AveragePrecision list[TRUTH_PARTS]; // of the class at hand
    bool *seen;                         // [classes]
    double *values[TRUTH_PARTS];        // [parts][classes]: AP
    size_t ranks[TRUTH_PARTS];          // ranks that every class with positives has ratings for
    uint64_t *rank_hits[TRUTH_PARTS];   // [parts][ranks]: positives up to a rank, of all classes
    Ignored ignored;
    RatedFilter filter; // of the class at hand
    bool any_known;     // an entry's segment is one of the truth's
} SegmentMap;

/* Of one part. */
typedef struct SegmentMapResult {
    double map;
    uint64_t classes, positives, ratings; // of the classes with positives
} SegmentMapResult;

/* Begin; everything lives in the arena. */
bool segment_map_open(SegmentMap *map, const SegmentTruth *truth, size_t top, Arena *arena,
                      Failure *failure);

/* Score a class's list. */
void segment_map_add(SegmentMap *map, ClassRow *row);

/*
 * Score a class's list that names segments by their numbers in the truth, best first; those of
 * TEXT_NONE aren't known.
 *
 *   class  its place in truth->classes
 */
void segment_map_add_list(SegmentMap *map, uint32_t class, const uint32_t *segments, size_t count);

/* The values of all parts: result[truth->parts]. */
void segment_map_finish(SegmentMap *map, SegmentMapResult *result);

/* Mean precision at rank `rank`, from 1 to map->ranks[part], of the part's `classes`. */
double segment_map_precision(const SegmentMap *map, TruthPart part, size_t rank, uint64_t classes);

/* Score all rows of a 2019 submission. Cost: one pass over the file, one page of memory. */
bool segment_map_read_csv(SegmentMap *map, const char *path, Failure *failure);

/*
 * Score predictions of segments: the value of the submission that contest_write_segments makes of
 * them with the same `top`.
 *
 *   failure  EX_DATAERR: a row is a whole video, or there twice, a score is NaN
 *   memory   that of best_segments
 */
bool segment_map_read_predictions(SegmentMap *map, Predictions *predictions, Arena scratch,
                                  Failure *failure);

#endif
