/*
 * Verdicts: what several runs of a recipe, each under a seed of its own, say of a claim.
 *
 *   d_i  what the better row scored more than the worse one in run i, of n
 *   d    their mean      s  their standard deviation (n - 1)
 *   holds           n >= 3, d >= 0.005 and d - t s / sqrt(n) > 0
 *   does not hold   the same of -d
 *   not shown       otherwise
 *
 * t is the point that Student's distribution of n - 1 degrees of freedom stays below in 95 of 100
 * cases. Differences under 0.005 are no evidence, also where all seeds agree: spec/league 7.
 */
#ifndef PODIUM_REPORT_VERDICT_H
#define PODIUM_REPORT_VERDICT_H

#include <stddef.h>

#define VERDICT_LEAST_RUNS ((size_t)3)
#define VERDICT_LEAST_DIFFERENCE 0.005

typedef enum Verdict { NOT_SHOWN, HOLDS, DOES_NOT_HOLD } Verdict;

/* "holds", "not shown", "does not hold". */
const char *verdict_name(Verdict verdict);

/* Mean and standard deviation of some values; the latter is NAN for fewer than two. */
typedef struct Spread {
    double mean, deviation;
    size_t runs;
} Spread;
Spread spread_of(const double *values, size_t runs);

/* What paired differences say; NOT_SHOWN where one is NAN. */
Verdict verdict_of_differences(const Spread *differences);

/* Whether all values lie in a range (HOLDS), or none (DOES_NOT_HOLD). One run is enough. */
Verdict verdict_of_range(const double *values, size_t runs, double low, double high);

/* t for some degrees of freedom, at least 1; beyond 30 that of 30, which is a little more. */
double student_95(size_t freedom);

#endif
