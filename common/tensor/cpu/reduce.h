/*
 * Reductions and updates over long arrays, parallel, with sums in one fixed order.
 */
#ifndef PODIUM_TENSOR_CPU_REDUCE_H
#define PODIUM_TENSOR_CPU_REDUCE_H

#include "common/tensor/real.h"

/* The sum of n numbers, and of their squares: pieces of fixed size, combined in order in double. */
double reduce_sum(const real *x, size_t n);
double reduce_sum_of_squares(const real *x, size_t n);

/* y += scale x */
void reduce_add_scaled(real *y, const real *x, real scale, size_t n);

/* x = 0 */
void reduce_clear(real *x, size_t n);

#endif
