/*
 * Scores: what evaluations say of each row of a report.
 *
 * A file of metrics is one JSON object a row, as `evaluate` prints it, or an object of such objects
 * by name, at any depth: {"moe": {"metric": "gap", "gap": 0.65, ...}, ...}. A score of parts is
 * {"metric": "map", "parts": {"public": {"map": 0.6, ...}, "private": {...}}}.
 */
#ifndef PODIUM_REPORT_SCORE_H
#define PODIUM_REPORT_SCORE_H

#include "common/base/arena.h"

#include <stdint.h>

#define SCORE_MOST_ROWS ((size_t)512)

/* The metrics that a report shows, in the order of its columns. */
typedef enum Metric {
    METRIC_GAP,
    METRIC_HIT,
    METRIC_PERR,
    METRIC_MAP,
    METRIC_MAP_PUBLIC, // MAP of the parts of a truth that has parts
    METRIC_MAP_PRIVATE,
    METRIC_WEIGHT, // share of an ensemble, of those that were tuned; the last, for no evaluation says it
    METRICS
} Metric;

typedef struct Score {
    const char *name;          // of the predictions: "moe"
    double value[METRICS];     // NAN: the evaluation doesn't say
    uint64_t top;              // predictions that count: GAP@20; 0: not said
    uint64_t videos;           // that were scored; 0: not said
    uint64_t ratings[METRICS]; // that a value comes from; 0: from none, or not said
    bool of_segments;          // MAP is that of rated segments
} Score;

typedef struct Scores {
    Score *rows; // in the order of the files, then as they stand in them
    size_t count;
} Scores;

/* A metric's name in JSON and in tables of published numbers: "gap", "map", "map-private", ... */
const char *metric_name(Metric metric);

/* How its column is headed: "GAP@20". */
const char *metric_heading(Metric metric, const Score *score, char text[32]);

/* Room for rows, in the arena. */
bool scores_begin(Scores *scores, Arena *arena, Failure *failure);

/*
 * Add the rows of a file. Names live in the arena; a row without one has its file's, up to the
 * first dot.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: not JSON (says line and column), no metrics in it, a metric
 *            outside 0 to 1, a name twice
 */
bool scores_read(Scores *scores, const char *path, Arena *arena, Failure *failure);

/* The name of a file's content: what is before the first dot of its last part. */
char *stem_of(const char *path, Arena *arena, Failure *failure);

#endif
