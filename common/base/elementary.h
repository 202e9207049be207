/*
 * Logarithm, exponential and powers in double with the same bits on every machine.
 *
 * libm's differ between versions and, through its choice of instructions at run time, between CPUs.
 * These use IEEE additions, multiplications and divisions alone, each rounded by itself, so that
 * what begins a training run (initial values, rates) is the same everywhere. Errors are a few units
 * in the last place. Not fast: for thousands of calls, or for millions in parallel.
 */
#ifndef PODIUM_BASE_ELEMENTARY_H
#define PODIUM_BASE_ELEMENTARY_H

#include <stdint.h>

/* ln x for normal x > 0. */
double elementary_log(double x);

/* e^x; 0 below -700, infinity above 709. */
double elementary_exp(double x);

/* base^exponent for a whole exponent, by squaring. */
double elementary_power(double base, uint64_t exponent);

/*
 * The inverse of the normal distribution function for 0 < p < 1, to a relative error near 1e-16.
 *
 * Source: Wichura, "Algorithm AS 241: the percentage points of the normal distribution", Applied
 * Statistics 37 (1988), routine PPND16.
 */
double elementary_normal_quantile(double p);

#endif
