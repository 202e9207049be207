/*
 * Packed product: rows times a matrix that is laid out once and then used many times, as a recurrent network's
 * is at every step of its sequences.
 *
 * Each sum goes through k in order, whatever rows stand beside: a row's bits are its own, and rows may lie
 * anywhere. BLAS's depend on all rows of a call, and it lays its factors out anew in each: for 80 rows by a matrix
 * of 1024 x 2048, portable on a Zen 4, it took a tenth longer.
 */
#ifndef PODIUM_TENSOR_CPU_PACKED_PRODUCT_H
#define PODIUM_TENSOR_CPU_PACKED_PRODUCT_H

#include "common/tensor/cpu/gemm.h"

/* Multiplied at once: so many rows and columns of a panel that their sums fill the registers. */
#define PACKED_ROWS ((size_t)6)
#ifdef __AVX512F__
#define PACKED_COLUMNS ((size_t)32)
#else
#define PACKED_COLUMNS ((size_t)16)
#endif

typedef struct PackedMatrix {
    real *panels; // [panels][k][PACKED_COLUMNS], zeros behind the last column
    size_t k, n;
} PackedMatrix;

/* Panels of n columns; elements of a packed matrix [k, n]. */
size_t packed_panels(size_t n);
size_t packed_elements(size_t k, size_t n);

/* Lay out b [k, n] (after transposition) in `panels`, of packed_elements. Parallel. */
PackedMatrix packed_matrix(size_t k, size_t n, Matrix b, real *panels);

/*
 * Rows times one panel: sums[i] = a[i] b, of the panel's columns.
 *
 *   a     k elements each; may lie anywhere
 *   rows  1 to PACKED_ROWS
 */
void packed_product(const PackedMatrix *b, size_t panel, size_t rows,
                    const real *const a[PACKED_ROWS], real sums[PACKED_ROWS][PACKED_COLUMNS]);

#endif
