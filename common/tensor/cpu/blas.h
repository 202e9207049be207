/*
 * Blas: OpenBLAS, loaded with the kernels of the numerics profile.
 *
 * OpenBLAS chooses its kernels when it is loaded, from OPENBLAS_CORETYPE, and its choice changes
 * both bits and speed; so it is not linked but loaded after the variable is set, also when a stage
 * is run by hand. It runs on one thread: its own threads change bits. gemm.h makes it parallel.
 */
#ifndef PODIUM_TENSOR_CPU_BLAS_H
#define PODIUM_TENSOR_CPU_BLAS_H

#include "common/base/arena.h"
#include "common/tensor/real.h"

typedef struct Blas {
    /* CBLAS's gemm for real, in its own argument order and enumerations (row-major is 101). */
    void (*gemm)(int order, int transpose_a, int transpose_b, int m, int n, int k, real alpha,
                 const real *a, int lda, const real *b, int ldb, real beta, real *c, int ldc);
    const char *description; // "OpenBLAS 0.3.21 Haswell"
} Blas;

/*
 * Load OpenBLAS with the profile's kernels.
 *
 *   blas     its description lives in the arena
 *   failure  EX_UNAVAILABLE: not installed, or without the function
 */
bool blas_load(Blas *blas, Arena *arena, Failure *failure);

#endif
