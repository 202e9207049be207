/*
 * gemm: matrix products by cuBLASLt, with sums in float32 and in one order.
 */
#ifndef PODIUM_TENSOR_CUDA_GEMM_H
#define PODIUM_TENSOR_CUDA_GEMM_H

#include "common/tensor/cuda/state.h"

/* A row-major matrix, its rows side by side. */
typedef struct CudaMatrix {
    float *data;
    size_t height, width;  // as it is stored
    bool transposed;       // the product uses the transpose of what is stored
    const uint32_t *count; // on the device: rows that are valid, times `each`; NULL: all are
    size_t each;
} CudaMatrix;

/*
 * c = a b + bias (accumulates: + c), with a [m, k], b [k, n] (after transposition) and c [m, n].
 *
 * Where the sum is over rows (a is transposed), what lies behind the valid ones counts as 0.
 *
 *   bias  [n], or NULL
 *   run   its workspace has cuda_gemm_workspace bytes for the two factors
 */
void cuda_gemm(const OpRun *run, CudaMatrix a, CudaMatrix b, const float *bias, bool accumulates,
               float *c);

/* Of factors of so many rows and columns. */
size_t cuda_gemm_workspace(const OpRun *run, size_t a_height, size_t a_width, size_t b_height,
                           size_t b_width);

#endif
