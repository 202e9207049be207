/*
 * gemm: matrix products over single-threaded OpenBLAS, parallel over panels of fixed size.
 *
 * The panels depend on the shape alone, so the bits are the same for any number of threads.
 */
#ifndef PODIUM_TENSOR_CPU_GEMM_H
#define PODIUM_TENSOR_CPU_GEMM_H

#include "common/tensor/cpu/blas.h"

/* Panels that a product has at least, if it is large enough: the native profile has a number of its own. */
#ifndef PODIUM_PIECES
#define PODIUM_PIECES 16
#endif

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

/*
 * Slices of rows, each multiplied by itself: what is asked of BLAS for one depends on its own rows
 * alone. BLAS's bits depend on the whole shape it is asked for, so whoever wants the same bits
 * whether or not rows are cut into parts must ask for the same products.
 */
typedef struct Slices {
    const uint32_t *first; // [count + 1]: slice s has rows first[s] each .. first[s + 1] each - 1;
    size_t count, each;    // NULL: one slice, of all rows, multiplied as gemm does
} Slices;

/* gemm, or where there is a bias gemm_with_bias, with the rows of a and c in slices. */
void gemm_by_slices(const Blas *blas, Slices slices, size_t m, size_t n, size_t k, Matrix a,
                    Matrix b, const real *bias, real beta, Matrix c);

/* gemm with its sum in slices, k rows of what a and b are made of: their products, in order. */
void gemm_over_slices(const Blas *blas, Slices slices, size_t m, size_t n, size_t k, Matrix a,
                      Matrix b, real beta, Matrix c);

/* gemm on the calling thread alone, for products inside a parallel phase. */
void gemm_serial(const Blas *blas, size_t m, size_t n, size_t k, Matrix a, Matrix b, real beta,
                 Matrix c);

#endif
