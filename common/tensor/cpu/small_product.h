/*
 * Small product: a matrix product of few numbers, for which a call of BLAS takes longer than the work; those
 * of attention among the five frames of a segment are such.
 *
 * Sums go through k in order, each step rounded once. So do OpenBLAS's kernels of the portable profile where
 * there are few columns or few summands; then the bits are theirs (tests/unit/test_gemm.c), and only then is
 * a product made here.
 */
#ifndef PODIUM_TENSOR_CPU_SMALL_PRODUCT_H
#define PODIUM_TENSOR_CPU_SMALL_PRODUCT_H

#include "common/tensor/cpu/gemm.h"

#include <stdbool.h>

/* Whether a product is so small that it is faster here, and has BLAS's bits. */
bool small_product_pays(size_t m, size_t n, size_t k);

/* c = a b + beta c, as gemm_serial; for what small_product_pays says. */
void small_product(size_t m, size_t n, size_t k, Matrix a, Matrix b, real beta, Matrix c);

#endif
