/*
 * gemm: matrix products over single-threaded OpenBLAS, parallel over panels of fixed size.
 *
 * The panels depend on the shape alone, so the bits are the same for any number of threads.
 */
#ifndef PODIUM_TENSOR_CPU_GEMM_H
#define PODIUM_TENSOR_CPU_GEMM_H

#include "common/tensor/cpu/blas.h"

typedef enum Transpose { AS_IS = 111, TRANSPOSED = 112 } Transpose; // CBLAS's numbers

/* A row-major matrix: rows `stride` elements apart. */
typedef struct Matrix {
    real *data;
    size_t stride;
    Transpose transpose; // TRANSPOSED: the product uses the transpose of what is stored
} Matrix;

/*
 * c = a b + beta c, with a [m, k], b [k, n] (after transposition) and c [m, n].
 *
 *   beta  0 (c is overwritten, whatever it held) or 1
 */
void gemm(const Blas *blas, size_t m, size_t n, size_t k, Matrix a, Matrix b, real beta, Matrix c);

/* c = a b, with bias [n] added to every row; a, b and c as above. */
void gemm_with_bias(const Blas *blas, size_t m, size_t n, size_t k, Matrix a, Matrix b,
                    const real *bias, Matrix c);

/* gemm on the calling thread alone, for products inside a parallel phase. */
void gemm_serial(const Blas *blas, size_t m, size_t n, size_t k, Matrix a, Matrix b, real beta,
                 Matrix c);

#endif
