/*
 * affine: a linear map with an optional bias.
 *
 *   y  = x W + b
 *   dx = dy W^T        dW = x^T dy        db = sum over rows of dy
 *
 *   x, dx  [rows, ..., in]   W, dW  [in, out]   b, db  [out]   y, dy  [rows, ..., out]
 *   x without rows, [..., in], is what depends on parameters alone: then so is y, [..., out]
 */
#include "common/tensor/cuda/columns.cuh"
#include "common/tensor/cuda/gemm.h"

namespace
{

enum { X, WEIGHTS, BIAS };

/* All rows of x, each with its axes but the last. */
CudaMatrix rows_of(const OpTensor *x, float *data, size_t width)
{
    size_t each = x->width / width;
    return CudaMatrix{ data, x->rows * each, width, false, x->count, each };
}

CudaMatrix weights_of(const OpTensor *w)
{
    return CudaMatrix{ w->data, w->shape.axes[0], w->shape.axes[1], false, nullptr, 0 };
}

CudaMatrix transposed(CudaMatrix x)
{
    x.transposed = true;
    return x;
}

void forward(const OpRun *run)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS];
    cuda_gemm(run, rows_of(x, x->data, w->shape.axes[0]), weights_of(w), run->input[BIAS].data,
              false, run->output.data);
}

struct Gradient {
    const float *dy;
    size_t out;

    __device__ Pair operator()(size_t row, size_t column) const
    {
        return Pair{ dy[row * out + column], 0 };
    }
};

struct GiveBias {
    float *db;
    bool adds;

    __device__ void operator()(size_t column, Pair sum) const
    {
        give(db + column, sum.first, adds);
    }
};

void backward(const OpRun *run)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS], *bias = &run->input[BIAS];
    size_t in = w->shape.axes[0], out = w->shape.axes[1];
    CudaMatrix dy = rows_of(&run->output, run->output.gradient, out);
    if (x->gradient)
        cuda_gemm(run, dy, transposed(weights_of(w)), nullptr, run->accumulate[X], x->gradient);
    if (w->gradient)
        cuda_gemm(run, transposed(rows_of(x, x->data, in)), dy, nullptr, run->accumulate[WEIGHTS],
                  w->gradient);
    if (bias->gradient)
        sum_columns(run, rows_to_sum(&run->output, run->output.width / out), out,
                    Gradient{ run->output.gradient, out },
                    GiveBias{ bias->gradient, run->accumulate[BIAS] });
}

/* The three products come one after another, and so does the sum. */
size_t workspace_bytes(const OpRun *run)
{
    const OpTensor *x = &run->input[X];
    size_t in = run->input[WEIGHTS].shape.axes[0], out = run->input[WEIGHTS].shape.axes[1];
    size_t rows = x->rows * x->width / in;
    size_t bytes[] = { cuda_gemm_workspace(run, rows, in, in, out),
                       cuda_gemm_workspace(run, rows, out, in, out),
                       cuda_gemm_workspace(run, rows, in, rows, out), column_workspace(rows, out) };
    size_t most = 0;
    for (size_t each : bytes)
        most = each > most ? each : most;
    return most;
}

} // namespace

extern const CudaOp cuda_op_affine = { "affine", forward, backward, workspace_bytes };
