/*
 * Matern: the covariance of a point with many others, and what its derivatives have in common.
 *
 *   k(a, b) = v (1 + sqrt5 r + 5/3 r^2) exp(-sqrt5 r)     r^2 = sum_d ((a_d - b_d) / length_d)^2
 *   s(a, b) = v 5/3 (1 + sqrt5 r) exp(-sqrt5 r)           dk / da_d = -s (a_d - b_d) / length_d^2
 *
 * Loops run over the others, so that the compiler makes vectors of them; the exponential is a polynomial of
 * its own, since libm's has other bits on other machines.
 *
 * Source: Rasmussen and Williams, "Gaussian processes for machine learning", equation 4.17 with nu = 5/2.
 */
#ifndef PODIUM_SEARCH_MATERN_H
#define PODIUM_SEARCH_MATERN_H

#include <stddef.h>

/* The kernel's parameters, ready for use. */
typedef struct Matern {
    size_t dimensions;
    const double *inverse_square; // [dimensions]: 1 / length^2
    double variance;              // v
} Matern;

/*
 * k and s of a point with others.
 *
 *   x       [dimensions]
 *   others  others[d * stride + i] is coordinate d of the ith
 *   k, s    [count]
 */
void matern_row(const Matern *matern, const double *x, const double *others, size_t stride,
                size_t count, double *k, double *s);

#endif
