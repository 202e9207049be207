#include "common/tensor/cuda/gemm.h"
#include "common/tensor/cuda/kernel.cuh"

/* Rows of a factor in bfloat16 begin at multiples of 16 bytes: what the tensor cores read at once. */
#define BF16_ALIGNMENT ((size_t)8)
#define FACTOR_ALIGNMENT ((size_t)256)

namespace
{

/* x rounded to the nearest bfloat16, ties to even; a NaN stays one. */
__device__ uint16_t bfloat16_of(float x)
{
    uint32_t bits = __float_as_uint(x);
    if ((bits & 0x7fffffffu) > 0x7f800000u)
        return (uint16_t)(bits >> 16 | 0x40u);
    return (uint16_t)((bits + 0x7fffu + (bits >> 16 & 1)) >> 16);
}

/* How many rows of a stored matrix are valid. */
__device__ size_t valid_rows(const uint32_t *count, size_t each, size_t height)
{
    return count ? *count * each : height;
}

__global__ void round_factor(const float *from, size_t height, size_t width, const uint32_t *count,
                             size_t each, uint16_t *to, size_t stride)
{
    size_t valid = valid_rows(count, each, height);
    for (size_t row = blockIdx.x; row < height; row += gridDim.x)
        for (size_t j = threadIdx.x; j < stride; j += blockDim.x)
            to[row * stride + j] =
                row < valid && j < width ? bfloat16_of(from[row * width + j]) : 0;
}

__global__ void clear_tail(float *data, size_t height, size_t width, const uint32_t *count,
                           size_t each)
{
    size_t end = height * width, stride = (size_t)gridDim.x * blockDim.x;
    for (size_t i = valid_rows(count, each, height) * width + (size_t)blockIdx.x * blockDim.x
             + threadIdx.x;
         i < end; i += stride)
        data[i] = 0;
}

size_t bf16_stride(size_t width)
{
    return cuda_divide_up(width, BF16_ALIGNMENT) * BF16_ALIGNMENT;
}

size_t bf16_bytes(size_t height, size_t width)
{
    return cuda_divide_up(height * bf16_stride(width) * sizeof(uint16_t), FACTOR_ALIGNMENT)
        * FACTOR_ALIGNMENT;
}

/* A factor as cuBLASLt reads it. */
struct Factor {
    const void *data;
    size_t stride;
    cudaDataType_t type;
};

Factor factor_of(const OpRun *run, CudaMatrix x, bool summed_over, char **space)
{
    if (run->device->precision == PRECISION_BF16) {
        size_t stride = bf16_stride(x.width);
        Factor rounded = { *space, stride, CUDA_R_16BF };
        LAUNCH(round_factor, cuda_blocks(x.height), BLOCK, run, (const float *)x.data, x.height,
               x.width, x.count, x.each, (uint16_t *)*space, stride);
        *space += bf16_bytes(x.height, x.width);
        return rounded;
    }
    if (summed_over && x.count)
        LAUNCH(clear_tail, 64, BLOCK, run, x.data, x.height, x.width, x.count, x.each);
    return Factor{ x.data, x.width, CUDA_R_32F };
}

/*
 * cuBLASLt's matrices are column-major: it computes the transpose of c, from the same memory. So its
 * first factor is our b, its second our a, and a matrix as it is stored is one that isn't transposed.
 */
struct Call {
    cublasLtMatmulDesc_t what;
    cublasLtMatrixLayout_t a, b, c;
    cublasLtMatmulPreference_t preference;
};

bool describe(const OpRun *run, Call *call, bool transposed_a, bool transposed_b, const float *bias)
{
    DeviceState *state = run->device;
    cublasComputeType_t compute =
        state->precision == PRECISION_TF32 ? CUBLAS_COMPUTE_32F_FAST_TF32 : CUBLAS_COMPUTE_32F;
    cublasOperation_t op_a = transposed_b ? CUBLAS_OP_T : CUBLAS_OP_N;
    cublasOperation_t op_b = transposed_a ? CUBLAS_OP_T : CUBLAS_OP_N;
    cublasLtEpilogue_t epilogue = bias ? CUBLASLT_EPILOGUE_BIAS : CUBLASLT_EPILOGUE_DEFAULT;
    size_t workspace = BLAS_WORKSPACE;
    /* Sums of parts are put together in an order, not in place as they come. */
    uint32_t reductions =
        CUBLASLT_REDUCTION_SCHEME_COMPUTE_TYPE | CUBLASLT_REDUCTION_SCHEME_OUTPUT_TYPE;
    return cublas_well(state, cublasLtMatmulDescCreate(&call->what, compute, CUDA_R_32F),
                       "describing a product")
        && cublas_well(state,
                       cublasLtMatmulDescSetAttribute(call->what, CUBLASLT_MATMUL_DESC_TRANSA,
                                                      &op_a, sizeof op_a),
                       "describing a product")
        && cublas_well(state,
                       cublasLtMatmulDescSetAttribute(call->what, CUBLASLT_MATMUL_DESC_TRANSB,
                                                      &op_b, sizeof op_b),
                       "describing a product")
        && cublas_well(state,
                       cublasLtMatmulDescSetAttribute(call->what, CUBLASLT_MATMUL_DESC_EPILOGUE,
                                                      &epilogue, sizeof epilogue),
                       "describing a product")
        && (!bias
            || cublas_well(state,
                           cublasLtMatmulDescSetAttribute(
                               call->what, CUBLASLT_MATMUL_DESC_BIAS_POINTER, &bias, sizeof bias),
                           "describing a bias"))
        && cublas_well(state, cublasLtMatmulPreferenceCreate(&call->preference), "a preference")
        && cublas_well(state,
                       cublasLtMatmulPreferenceSetAttribute(
                           call->preference, CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, &workspace,
                           sizeof workspace),
                       "a preference")
        && cublas_well(state,
                       cublasLtMatmulPreferenceSetAttribute(
                           call->preference, CUBLASLT_MATMUL_PREF_REDUCTION_SCHEME_MASK,
                           &reductions, sizeof reductions),
                       "a preference");
}

bool lay_out(const OpRun *run, Call *call, const CudaMatrix *a, const CudaMatrix *b,
             const Factor *factor_a, const Factor *factor_b, size_t m, size_t n)
{
    DeviceState *state = run->device;
    return cublas_well(state,
                       cublasLtMatrixLayoutCreate(&call->a, factor_b->type, b->width, b->height,
                                                  (int64_t)factor_b->stride),
                       "a matrix")
        && cublas_well(state,
                       cublasLtMatrixLayoutCreate(&call->b, factor_a->type, a->width, a->height,
                                                  (int64_t)factor_a->stride),
                       "a matrix")
        && cublas_well(state, cublasLtMatrixLayoutCreate(&call->c, CUDA_R_32F, n, m, (int64_t)n),
                       "a matrix");
}

void multiply(const OpRun *run, const Call *call, const Factor *a, const Factor *b, float beta,
              float *c)
{
    DeviceState *state = run->device;
    cublasLtMatmulHeuristicResult_t best = {};
    float alpha = 1;
    int found = 0;
    if (!cublas_well(state,
                     cublasLtMatmulAlgoGetHeuristic(state->blas, call->what, call->a, call->b,
                                                    call->c, call->c, call->preference, 1, &best,
                                                    &found),
                     "choosing a kernel for a product"))
        return;
    cublasStatus_t status = found == 0
        ? CUBLAS_STATUS_NOT_SUPPORTED
        : cublasLtMatmul(state->blas, call->what, &alpha, b->data, call->a, a->data, call->b, &beta,
                         c, call->c, c, call->c, &best.algo, state->blas_workspace, BLAS_WORKSPACE,
                         state->stream);
    cublas_well(state, status, "a product");
}

void forget(Call *call)
{
    if (call->preference)
        cublasLtMatmulPreferenceDestroy(call->preference);
    if (call->a)
        cublasLtMatrixLayoutDestroy(call->a);
    if (call->b)
        cublasLtMatrixLayoutDestroy(call->b);
    if (call->c)
        cublasLtMatrixLayoutDestroy(call->c);
    if (call->what)
        cublasLtMatmulDescDestroy(call->what);
}

} // namespace

void cuda_gemm(const OpRun *run, CudaMatrix a, CudaMatrix b, const float *bias, bool accumulates,
               float *c)
{
    size_t m = a.transposed ? a.width : a.height, n = b.transposed ? b.height : b.width;
    char *space = (char *)run->workspace;
    Call call = {};
    if (a.height == 0 || a.width == 0 || m == 0 || n == 0)
        return;
    Factor factor_a = factor_of(run, a, a.transposed, &space);
    Factor factor_b = factor_of(run, b, a.transposed, &space);
    if (describe(run, &call, a.transposed, b.transposed, bias)
        && lay_out(run, &call, &a, &b, &factor_a, &factor_b, m, n))
        multiply(run, &call, &factor_a, &factor_b, accumulates ? 1 : 0, c);
    forget(&call);
}

size_t cuda_gemm_workspace(const OpRun *run, size_t a_height, size_t a_width, size_t b_height,
                           size_t b_width)
{
    return run->device->precision == PRECISION_BF16
        ? bf16_bytes(a_height, a_width) + bf16_bytes(b_height, b_width)
        : 0;
}
