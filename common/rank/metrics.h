/*
 * Metrics: what an evaluation says, as one line of JSON, and its values by class as CSV.
 */
#ifndef PODIUM_RANK_METRICS_H
#define PODIUM_RANK_METRICS_H

#include "common/rank/gap.h"
#include "common/rank/segment_map.h"

/* Values of a metric by class, in parts or in one that has no name. */
typedef struct ClassMetrics {
    const uint32_t *classes; // [count]; NULL: 0, 1, 2, ...
    size_t count, parts;
    const double *values[TRUTH_PARTS];      // [parts][count]
    const uint64_t *positives[TRUTH_PARTS]; // [parts][count]; classes without are left out
} ClassMetrics;

/* One JSON object and a newline, in the arena; numbers with 10 digits. */
char *metrics_of_gap(const GapResult *result, size_t top, Arena *arena, Failure *failure);

/*
 * The same of segments: result[parts]. Where there are parts, each that has positives has an object:
 * {"metric": "map", "top": 100000, "parts": {"public": {"map": ...}, "private": {...}}}
 */
char *metrics_of_map(const SegmentMapResult *result, size_t parts, size_t top, Arena *arena,
                     Failure *failure);

/*
 * Class,AveragePrecision,Positives: the rows of the classes with positives, ascending. With parts:
 * Class,AveragePrecision-public,Positives-public,AveragePrecision-private,Positives-private, and
 * nothing in place of a value that a part doesn't have.
 */
char *metrics_by_class(const ClassMetrics *metrics, size_t *size, Arena *arena, Failure *failure);

/*
 * Rank,Precision: mean precision over the classes with positives. With parts: Rank,Precision-public,
 * Precision-private, and nothing beyond a part's last rank.
 */
char *metrics_by_rank(const SegmentMap *map, const SegmentMapResult *result, size_t *size,
                      Arena *arena, Failure *failure);

/* Say on stderr what was ignored: "PROGRAM: FILE: 2 unknown ids, ...; ignored". */
void ignored_report(const Ignored *ignored, const char *program, const char *path);

#endif
