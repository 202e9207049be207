/*
 * Measure: the statistics of a league's training videos, in one pass over their frames.
 *
 * Shards are measured on all threads, each into its own sums, which are added in the shards' order.
 * Values are in steps of half a byte about the middle of the range, so sums over frames are whole
 * numbers. Source: spec/league 5, spec/data-and-metrics 9.
 */
#ifndef PODIUM_LEAGUE_MEASURE_H
#define PODIUM_LEAGUE_MEASURE_H

#include "common/data/layout.h"
#include "common/league/parameters.h"

#define MEASURE_LAGS ((size_t)5)
#define MEASURE_STREAMS ((size_t)2) // rgb, audio
extern const size_t measure_lags[MEASURE_STREAMS][MEASURE_LAGS];

/* One value a half byte from the next: x = (2 byte - 255) MEASURE_STEP, dequantised without bias. */
#define MEASURE_STEP (2.0 / 255)

typedef struct VideoMeasure {
    uint32_t frames, labels;
    uint32_t true_labels, truth;   // labels that are true; classes that are
    float square[MEASURE_STREAMS]; // mean square of the dims of the video's mean
} VideoMeasure;

/* Sums over the frames of all videos, of one stream. */
typedef struct StreamSums {
    uint64_t values, clipped;
    int64_t square;                  // of all values
    int64_t deviation;               // the same about what `product` is about
    uint64_t deviations;             // how many
    int64_t product[MEASURE_LAGS];   // rgb: about the video's mean; audio: about 0
    uint64_t products[MEASURE_LAGS]; // how many
} StreamSums;

typedef struct Measures {
    VideoMeasure *videos; // in the shards' order
    size_t count;
    StreamSums streams[MEASURE_STREAMS];
    double sum[LEAGUE_WIDTH], square[LEAGUE_WIDTH]; // over videos, of their means
    bool has_truth;                                 // labels could be held against the truth
} Measures;

/*
 * Measure DATA/2/frame/train. Where DATA/hidden has the videos' truth, labels are held against it.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: a damaged record, frames of other widths than the dataset's,
 *            truth about other videos
 */
bool measure_train(Measures *measures, const char *data, Arena *arena, Failure *failure);

/* Ratings, by class. */
typedef struct RatingCounts {
    uint64_t ratings, positives, classes; // classes: that have ratings
    double sd, least, most;               // of the classes' shares of positives
    uint64_t videos, equal;               // rated videos, and those with all scores equal
} RatingCounts;

/* Count the ratings in DATA/3/frame/validate; of the test partition, from DATA/truth.csv. */
bool measure_validate(RatingCounts *counts, const char *data, Arena *arena, Failure *failure);
bool measure_test(RatingCounts *counts, const char *data, Arena *arena, Failure *failure);

#endif
