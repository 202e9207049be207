/*
 * Cholesky: small symmetric positive definite matrices, as Gaussian processes have them.
 *
 *   A = U^T U     U upper triangular; rows one after another, the first index the row's
 *
 * Every sum has one order, on one thread, so the bits are the same everywhere. Inner loops run along
 * rows and add no two terms of one sum at a time: the compiler makes vectors of them. A library's
 * routines would be faster from some hundreds of rows on, where these take a few milliseconds.
 */
#ifndef PODIUM_SEARCH_CHOLESKY_H
#define PODIUM_SEARCH_CHOLESKY_H

#include <stdbool.h>
#include <stddef.h>

/* Replace the upper half of a [n, n] by U. False: it is not positive definite. n^3 / 6 products. */
bool cholesky_factor(double *a, size_t n);

/* ln det A, of its factor. */
double cholesky_log_determinant(const double *u, size_t n);

/*
 * inverse = A^-1, all of it, from the factor.
 *
 *   inverse, scratch  [n, n]
 */
void cholesky_invert(const double *u, size_t n, double *inverse, double *scratch);

#endif
