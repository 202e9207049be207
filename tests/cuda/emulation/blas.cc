#include "cublasLt.h"

struct EmulatedBlas {
    int nothing;
};

struct EmulatedProduct {
    cublasOperation_t op_a, op_b;
    cublasLtEpilogue_t epilogue;
    const float *bias;
};

struct EmulatedLayout {
    cudaDataType type;
    uint64_t rows, columns;
    int64_t stride;
};

struct EmulatedPreference {
    int nothing;
};

const char *cublasLtGetStatusString(cublasStatus_t status)
{
    return status == CUBLAS_STATUS_SUCCESS ? "no error" : "refused by the emulation";
}

size_t cublasLtGetVersion()
{
    return 0;
}

cublasStatus_t cublasLtCreate(cublasLtHandle_t *handle)
{
    *handle = new EmulatedBlas();
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtDestroy(cublasLtHandle_t handle)
{
    delete handle;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescCreate(cublasLtMatmulDesc_t *what, cublasComputeType_t,
                                        cudaDataType_t)
{
    *what = new EmulatedProduct{ CUBLAS_OP_N, CUBLAS_OP_N, CUBLASLT_EPILOGUE_DEFAULT, nullptr };
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescDestroy(cublasLtMatmulDesc_t what)
{
    delete what;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulDescSetAttribute(cublasLtMatmulDesc_t what,
                                              cublasLtMatmulDescAttributes_t attribute,
                                              const void *value, size_t bytes)
{
    void *to = attribute == CUBLASLT_MATMUL_DESC_TRANSA ? (void *)&what->op_a
        : attribute == CUBLASLT_MATMUL_DESC_TRANSB      ? (void *)&what->op_b
        : attribute == CUBLASLT_MATMUL_DESC_EPILOGUE    ? (void *)&what->epilogue
                                                        : (void *)&what->bias;
    size_t size =
        attribute == CUBLASLT_MATMUL_DESC_BIAS_POINTER ? sizeof what->bias : sizeof what->op_a;
    if (bytes != size)
        return CUBLAS_STATUS_INVALID_VALUE;
    memcpy(to, value, bytes);
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutCreate(cublasLtMatrixLayout_t *layout, cudaDataType type,
                                          uint64_t rows, uint64_t columns, int64_t stride)
{
    *layout = new EmulatedLayout{ type, rows, columns, stride };
    return stride < (int64_t)rows ? CUBLAS_STATUS_INVALID_VALUE : CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatrixLayoutDestroy(cublasLtMatrixLayout_t layout)
{
    delete layout;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceCreate(cublasLtMatmulPreference_t *preference)
{
    *preference = new EmulatedPreference();
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceDestroy(cublasLtMatmulPreference_t preference)
{
    delete preference;
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulPreferenceSetAttribute(cublasLtMatmulPreference_t,
                                                    cublasLtMatmulPreferenceAttributes_t,
                                                    const void *, size_t)
{
    return CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasLtMatmulAlgoGetHeuristic(cublasLtHandle_t, cublasLtMatmulDesc_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                                              cublasLtMatmulPreference_t, int,
                                              cublasLtMatmulHeuristicResult_t *best, int *found)
{
    *best = {};
    *found = 1;
    return CUBLAS_STATUS_SUCCESS;
}

/* A column-major matrix, or its transpose. */
struct Stored {
    const void *data;
    EmulatedLayout layout;
    cublasOperation_t op;

    uint64_t rows() const
    {
        return op == CUBLAS_OP_N ? layout.rows : layout.columns;
    }

    uint64_t columns() const
    {
        return op == CUBLAS_OP_N ? layout.columns : layout.rows;
    }

    double at(uint64_t row, uint64_t column) const
    {
        size_t i = op == CUBLAS_OP_N ? row + column * (size_t)layout.stride
                                     : column + row * (size_t)layout.stride;
        if (layout.type == CUDA_R_32F)
            return ((const float *)data)[i];
        uint32_t bits = (uint32_t)((const uint16_t *)data)[i] << 16;
        float x;
        memcpy(&x, &bits, sizeof x);
        return x;
    }
};

static void multiply(const Stored &a, const Stored &b, const EmulatedProduct &what, float beta,
                     float *d, int64_t stride)
{
    for (uint64_t i = 0; i < a.rows(); i++)
        for (uint64_t j = 0; j < b.columns(); j++) {
            double sum = 0;
            float *to = d + i + j * (size_t)stride;
            for (uint64_t k = 0; k < a.columns(); k++)
                sum += a.at(i, k) * b.at(k, j);
            if (beta != 0)
                sum += (double)beta * *to;
            if (what.epilogue == CUBLASLT_EPILOGUE_BIAS)
                sum += what.bias[i];
            *to = (float)sum;
        }
}

cublasStatus_t cublasLtMatmul(cublasLtHandle_t, cublasLtMatmulDesc_t what, const void *alpha,
                              const void *a, cublasLtMatrixLayout_t layout_a, const void *b,
                              cublasLtMatrixLayout_t layout_b, const void *beta, const void *c,
                              cublasLtMatrixLayout_t layout_c, void *d,
                              cublasLtMatrixLayout_t layout_d, const cublasLtMatmulAlgo_t *, void *,
                              size_t, cudaStream_t stream)
{
    Stored left = { a, *layout_a, what->op_a }, right = { b, *layout_b, what->op_b };
    EmulatedProduct product = *what;
    EmulatedLayout out = *layout_d;
    float scale = *(const float *)beta;
    if (*(const float *)alpha != 1 || c != d || layout_c->type != CUDA_R_32F
        || left.columns() != right.rows() || left.rows() != out.rows
        || right.columns() != out.columns)
        return CUBLAS_STATUS_INVALID_VALUE;
    emulate_enqueue(stream, [=] { multiply(left, right, product, scale, (float *)d, out.stride); });
    return CUBLAS_STATUS_SUCCESS;
}
