#include "common/tensor/cuda/gemm.h"
#include "common/tensor/cuda/kernel.cuh"

#define FACTOR_ALIGNMENT ((size_t)256)

namespace
{

/* What lies behind the valid rows becomes 0: what is summed over rows must be. */
template <class Number>
__global__ void clear_tail(Number *data, size_t height, size_t stride, const uint32_t *count,
                           size_t each)
{
    size_t end = height * stride, step = (size_t)gridDim.x * blockDim.x;
    for (size_t i = *count * each * stride + (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < end;
         i += step)
        data[i] = 0;
}

template <class Number>
void clear_rows(const OpRun *run, const CudaMatrix &x, Number *data, size_t stride)
{
    if (x.count)
        LAUNCH(clear_tail<Number>, 64, BLOCK, run, data, x.height, stride, x.count, x.each);
}

CudaMatrix rows_of(const OpTensor *x, float *data, size_t width)
{
    size_t each = x->width / width;
    return CudaMatrix{ data, x->rows * each, width, x->count, each, nullptr, false };
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

bool lay_out(const OpRun *run, Call *call, const CudaFactor &a, const CudaFactor &b, size_t m,
             size_t n)
{
    DeviceState *state = run->device;
    return cublas_well(state,
                       cublasLtMatrixLayoutCreate(&call->a, b.type, b.stored.width, b.stored.height,
                                                  (int64_t)b.stride),
                       "a matrix")
        && cublas_well(state,
                       cublasLtMatrixLayoutCreate(&call->b, a.type, a.stored.width, a.stored.height,
                                                  (int64_t)a.stride),
                       "a matrix")
        && cublas_well(state, cublasLtMatrixLayoutCreate(&call->c, CUDA_R_32F, n, m, (int64_t)n),
                       "a matrix");
}

void multiply(const OpRun *run, const Call *call, const CudaFactor &a, const CudaFactor &b,
              float beta, float *c)
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
        : cublasLtMatmul(state->blas, call->what, &alpha, b.data, call->a, a.data, call->b, &beta,
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

CudaMatrix cuda_rows(const OpTensor *x, size_t width)
{
    CudaMatrix rows = rows_of(x, x->data, width);
    rows.rounded = x->rounded;
    rows.is_rounded = x->is_rounded;
    return rows;
}

CudaMatrix cuda_gradient_rows(const OpTensor *x, size_t width)
{
    return rows_of(x, x->gradient, width);
}

CudaFactor cuda_factor(const OpRun *run, CudaMatrix x, char **space)
{
    DeviceState *state = run->device;
    HeldMatrix *held = cuda_held(state, x.data);
    if (state->precision != PRECISION_BF16)
        return CudaFactor{ x, x.data, x.width, CUDA_R_32F, false };
    bool done = held ? held->fresh : x.rounded && x.is_rounded;
    uint16_t *to = held ? held->rounded : x.rounded ? x.rounded : (uint16_t *)*space;
    if (!done)
        cuda_round(state, x.data, x.height, x.width, x.count, x.each, to);
    if (held)
        held->fresh = true;
    else if (!x.rounded)
        *space += cuda_factor_bytes(run, x.height, x.width);
    return CudaFactor{ x, to, op_rounded_stride(x.width), CUDA_R_16BF, false };
}

void cuda_end_copy(const OpRun *run, CudaMatrix *x)
{
    clear_rows(run, *x, x->rounded, op_rounded_stride(x->width));
    x->is_rounded = true;
}

CudaFactor cuda_transposed(CudaFactor x)
{
    x.transposed = !x.transposed;
    return x;
}

size_t cuda_factor_bytes(const OpRun *run, size_t height, size_t width)
{
    size_t bytes = height * op_rounded_stride(width) * sizeof(uint16_t);
    return run->device->precision == PRECISION_BF16
        ? cuda_divide_up(bytes, FACTOR_ALIGNMENT) * FACTOR_ALIGNMENT
        : 0;
}

void cuda_gemm(const OpRun *run, CudaFactor a, CudaFactor b, const float *bias, bool accumulates,
               float *c)
{
    const CudaMatrix &x = a.stored, &y = b.stored;
    size_t m = a.transposed ? x.width : x.height, n = b.transposed ? y.height : y.width;
    Call call = {};
    if (x.height == 0 || x.width == 0 || m == 0 || n == 0)
        return;
    if (a.transposed && a.type == CUDA_R_32F) {
        clear_rows(run, x, x.data, x.width);
        clear_rows(run, y, y.data, y.width);
    }
    if (describe(run, &call, a.transposed, b.transposed, bias) && lay_out(run, &call, a, b, m, n))
        multiply(run, &call, a, b, accumulates ? 1 : 0, c);
    forget(&call);
}
