/*
 * Average precision of a ranked list, not interpolated.
 *
 *   AP = (1/D) sum over ranks i = 1 .. min(length, n) holding a positive of (positives among 1 ..
 * i) / i D  = P, or min(P, n) where n is given; P = 0 gives 0
 *
 * Source: spec/data-and-metrics 7.1. P smaller than the positives found is trusted, so that AP can
 * exceed 1.
 */
#ifndef PODIUM_RANK_AVERAGE_PRECISION_H
#define PODIUM_RANK_AVERAGE_PRECISION_H

#include "common/base/arena.h"

#include <stdint.h>

#define RANKS_ALL SIZE_MAX           // n is not given
#define POSITIVES_OF_LIST UINT64_MAX // P is the number of positives in the list

/* A list that is handed over from its first rank on. Starts as { 0 }. */
typedef struct AveragePrecision {
    uint64_t ranks, hits;
    double sum;
} AveragePrecision;

static inline void average_precision_add(AveragePrecision *list, bool positive)
{
    list->ranks++;
    if (positive)
        list->sum += (double)++list->hits / (double)list->ranks;
}

/* The value for P positives, with n unset. */
double average_precision_value(const AveragePrecision *list, uint64_t positives);

/* AP of a ranking: positive[rank], best first. n or RANKS_ALL; P or POSITIVES_OF_LIST. */
double average_precision_of_ranking(const uint8_t *positive, size_t count, size_t n,
                                    uint64_t positives);

/*
 * AP of scores: sorted from the highest, equal ones in the order they stand in.
 *
 *   scores   [count], no NaN; count below 2^31
 *   value    the result
 *   scratch  16 bytes an entry
 */
bool average_precision_of_scores(const float *scores, const uint8_t *positive, size_t count,
                                 size_t n, uint64_t positives, double *value, Arena scratch,
                                 Failure *failure);

#endif
