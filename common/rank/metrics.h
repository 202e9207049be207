/*
 * Metrics: what an evaluation says, as one line of JSON, and its values by class as CSV.
 */
#ifndef PODIUM_RANK_METRICS_H
#define PODIUM_RANK_METRICS_H

#include "common/rank/gap.h"
#include "common/rank/segment_map.h"

/* Values of a metric by class. */
typedef struct ClassMetrics {
    const uint32_t *classes; // [count]; NULL: 0, 1, 2, ...
    const double *values;
    const uint64_t *positives; // a class without is left out
    size_t count;
} ClassMetrics;

/* One JSON object and a newline, in the arena; numbers with 10 digits. */
char *metrics_of_gap(const GapResult *result, size_t top, Arena *arena, Failure *failure);
char *metrics_of_map(const SegmentMapResult *result, size_t top, Arena *arena, Failure *failure);

/* Class,AveragePrecision,Positives: the rows of the classes with positives, ascending. */
char *metrics_by_class(const ClassMetrics *metrics, size_t *size, Arena *arena, Failure *failure);

/* Say on stderr what was ignored: "PROGRAM: FILE: 2 unknown ids, ...; ignored". */
void ignored_report(const Ignored *ignored, const char *program, const char *path);

#endif
