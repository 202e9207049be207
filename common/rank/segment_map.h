/*
 * MAP@K of segments, as 2019's contest scores a submission.
 *
 *   for a class: its list is cut after K entries, entries without a rating for the class are
 *   dropped, of a segment that is there twice the first entry counts; AP with P = the class's rated
 *   positives. Classes without positives are left out; classes without a list score 0.
 *
 * Source: spec/data-and-metrics 7.9.
 */
#ifndef PODIUM_RANK_SEGMENT_MAP_H
#define PODIUM_RANK_SEGMENT_MAP_H

#include "common/rank/ignored.h"
#include "common/rank/submission_csv.h"
#include "common/rank/truth.h"

typedef struct SegmentMap {
    const SegmentTruth *truth;
    size_t top;
    uint8_t *rating; // [segments]: of the class at hand
    bool *seen;      // [classes]
    double *values;  // [classes]: AP
    Ignored ignored;
    uint64_t unrated; // entries of known segments without a rating for their class
} SegmentMap;

typedef struct SegmentMapResult {
    double map;
    uint64_t classes, positives, ratings; // of the classes with positives
} SegmentMapResult;

/* Begin; everything lives in the arena. */
bool segment_map_open(SegmentMap *map, const SegmentTruth *truth, size_t top, Arena *arena,
                      Failure *failure);

/* Score a class's list. */
void segment_map_add(SegmentMap *map, ClassRow *row);

void segment_map_finish(SegmentMap *map, SegmentMapResult *result);

/* Score all rows of a 2019 submission. Cost: one pass over the file, one page of memory. */
bool segment_map_read_csv(SegmentMap *map, const char *path, Failure *failure);

#endif
