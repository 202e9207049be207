/*
 * gemm: matrix products by cuBLASLt, with sums in float32 and in one order.
 */
#ifndef PODIUM_TENSOR_CUDA_GEMM_H
#define PODIUM_TENSOR_CUDA_GEMM_H

#include "common/tensor/cuda/held.h"

/* A row-major matrix, its rows side by side. */
typedef struct CudaMatrix {
    float *data;
    size_t height, width;
    const uint32_t *count; // on the device: rows that are valid, times `each`; NULL: all are
    size_t each;
    uint16_t *rounded; // where its copy in bfloat16 is kept (OpTensor.rounded); or NULL
    bool is_rounded;   // and has it already
} CudaMatrix;

/* All rows of a tensor's data or gradient, as a matrix so wide. */
CudaMatrix cuda_rows(const OpTensor *x, size_t width);
CudaMatrix cuda_gradient_rows(const OpTensor *x, size_t width);

/* A matrix as the products of this device read it. */
typedef struct CudaFactor {
    CudaMatrix stored;
    const void *data;
    size_t stride;
    cudaDataType_t type;
    bool transposed;
} CudaFactor;

/*
 * Ask for it once where several products read one matrix. In bfloat16 it is rounded here, unless a copy is
 * held by the device or was made in this run; in float32 and tf32 it is the matrix itself.
 *
 *   space   moved on by cuda_factor_bytes, where nobody else has a place for the copy
 */
CudaFactor cuda_factor(const OpRun *run, CudaMatrix x, char **space);
CudaFactor cuda_transposed(CudaFactor x);

/* Whoever reads a matrix anyway may round its valid rows on the way: says that it did so. */
void cuda_end_copy(const OpRun *run, CudaMatrix *x);

/* What cuda_factor takes at most of its space; 0 but in bfloat16. */
size_t cuda_factor_bytes(const OpRun *run, size_t height, size_t width);

/*
 * c = a b + bias (accumulates: + c), with a [m, k], b [k, n] (after transposition) and c [m, n].
 *
 * Where the sum is over rows (a is transposed), what lies behind the valid ones counts as 0.
 *
 *   bias  [n], or NULL
 */
void cuda_gemm(const OpRun *run, CudaFactor a, CudaFactor b, const float *bias, bool accumulates,
               float *c);

#endif
