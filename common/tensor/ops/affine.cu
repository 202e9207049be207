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
#include "common/tensor/cuda/round.cuh"

namespace
{

enum { X, WEIGHTS, BIAS };

size_t width_in(const OpRun *run)
{
    return run->input[WEIGHTS].shape.axes[0];
}

size_t width_out(const OpRun *run)
{
    return run->input[WEIGHTS].shape.axes[1];
}

void forward(const OpRun *run)
{
    char *space = (char *)run->workspace;
    CudaFactor x = cuda_factor(run, cuda_rows(&run->input[X], width_in(run)), &space);
    CudaFactor w = cuda_factor(run, cuda_rows(&run->input[WEIGHTS], width_out(run)), &space);
    cuda_gemm(run, x, w, run->input[BIAS].data, false, run->output.data);
}

/* dy, of which products read a rounded copy: made on the way to the bias where rows need no padding. */
struct Gradient {
    const float *dy;
    size_t out;
    uint16_t *copy; // NULL: none

    __device__ Pair operator()(size_t row, size_t column) const
    {
        float value = dy[row * out + column];
        if (copy)
            copy[row * out + column] = bfloat16_of(value);
        return Pair{ value, 0 };
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

/* Where copies begin: behind what sums need, at the alignment of what is read at once. */
size_t bytes_of_sums(const OpRun *run)
{
    size_t out = width_out(run), rows = run->output.rows * run->output.width / out;
    return cuda_divide_up(column_workspace(rows, out), 256) * 256;
}

void backward_bias(const OpRun *run, CudaMatrix *dy, char *space)
{
    const OpTensor *bias = &run->input[BIAS];
    bool copies = run->device->precision == PRECISION_BF16;
    if (copies && op_rounded_stride(dy->width) == dy->width)
        dy->rounded = (uint16_t *)space;
    sum_columns(run, rows_to_sum(&run->output, run->output.width / dy->width), dy->width,
                Gradient{ dy->data, dy->width, dy->rounded },
                GiveBias{ bias->gradient, run->accumulate[BIAS] });
    if (dy->rounded)
        cuda_end_copy(run, dy);
}

void backward(const OpRun *run)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS];
    CudaMatrix gradient = cuda_gradient_rows(&run->output, width_out(run));
    char *space = (char *)run->workspace + bytes_of_sums(run);
    if (run->input[BIAS].gradient)
        backward_bias(run, &gradient, space);
    if (gradient.rounded)
        space += cuda_factor_bytes(run, gradient.height, gradient.width);
    if (!x->gradient && !w->gradient)
        return;
    CudaFactor dy = cuda_factor(run, gradient, &space);
    if (x->gradient)
        cuda_gemm(run, dy, cuda_transposed(cuda_factor(run, cuda_rows(w, width_out(run)), &space)),
                  nullptr, run->accumulate[X], x->gradient);
    if (w->gradient)
        cuda_gemm(run, cuda_transposed(cuda_factor(run, cuda_rows(x, width_in(run)), &space)), dy,
                  nullptr, run->accumulate[WEIGHTS], w->gradient);
}

/* Sums, then copies of dy, of W, and of an x without rows: of others the plan keeps a copy. */
size_t workspace_bytes(const OpRun *run)
{
    const OpTensor *x = &run->input[X];
    size_t in = width_in(run), out = width_out(run), rows = x->rows * x->width / in;
    return bytes_of_sums(run) + cuda_factor_bytes(run, rows, out) + cuda_factor_bytes(run, in, out)
        + (x->shape.rows ? 0 : cuda_factor_bytes(run, rows, in));
}

} // namespace

extern const CudaOp cuda_op_affine = { "affine", forward, backward, workspace_bytes };
