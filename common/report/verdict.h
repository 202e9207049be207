/*
 * Verdicts: what several runs of a recipe, each under a seed of its own, say of a claim.
 *
 *   d_i  what the better row scored more than the worse one in run i, of n
 *   d    their mean      s  their standard deviation (n - 1)
 *   holds           n >= 3, d >= D and d - t s / sqrt(n) > 0
 *   does not hold   the same of -d
 *   not shown       otherwise
 *
 * That one row is no worse than another asks for less:
 *
 *   holds           n >= 3 and d - t s / sqrt(n) > -D
 *   does not hold   n >= 3 and d + t s / sqrt(n) < -D
 *
 * t is the point that Student's distribution of n - 1 degrees of freedom stays below in 95 of 100
 * cases. Differences under D are no evidence, also where all seeds agree (spec/league 7): half of what
 * one run's MAP is uncertain by, which is 0.01 with 4,000 ratings and goes as their root.
 *
 *   D = 0.005 sqrt(4000 / ratings); 0.005 of a score that doesn't come from ratings
 */
#ifndef PODIUM_REPORT_VERDICT_H
#define PODIUM_REPORT_VERDICT_H

#include <stddef.h>
#include <stdint.h>

#define VERDICT_LEAST_RUNS ((size_t)3)

typedef enum Verdict { NOT_SHOWN, HOLDS, DOES_NOT_HOLD } Verdict;

/* "holds", "not shown", "does not hold". */
const char *verdict_name(Verdict verdict);

/* Mean and standard deviation of some values; the latter is NAN for fewer than two. */
typedef struct Spread {
    double mean, deviation;
    size_t runs;
} Spread;
Spread spread_of(const double *values, size_t runs);

/* D of scores that come from some ratings; 0: from no ratings. */
double verdict_least_difference(uint64_t ratings);

/* What paired differences say; NOT_SHOWN where one is NAN. */
Verdict verdict_of_differences(const Spread *differences, double least);

/* What they say of "no worse". */
Verdict verdict_of_no_worse(const Spread *differences, double least);

/* Whether all values lie in a range (HOLDS), or none (DOES_NOT_HOLD). One run is enough. */
Verdict verdict_of_range(const double *values, size_t runs, double low, double high);

/* t for some degrees of freedom, at least 1; beyond 30 that of 30, which is a little more. */
double student_95(size_t freedom);

#endif
