/*
 * affine: a linear map with an optional bias.
 *
 *   y  = x W + b
 *   dx = dy W^T        dW = x^T dy        db = sum over rows of dy
 *
 *   x, dx  [rows, ..., in]   W, dW  [in, out]   b, db  [out]   y, dy  [rows, ..., out]
 *   x without rows, [..., in], is what depends on parameters alone: then so is y, [..., out]
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/gemm.h"
#include "common/tensor/op.h"

enum { X, WEIGHTS, BIAS };

static bool shape(OpShape *op)
{
    Shape x = op_input(op, X), w = op_input(op, WEIGHTS), y = x;
    if (x.rank == 0 || w.rows || w.rank != 2 || w.axes[0] != x.axes[x.rank - 1])
        return op_refuse(op, "the input's width must be the weights' height");
    if (op_has_input(op, BIAS) && !shape_equal(op_input(op, BIAS), shape_vector(w.axes[1])))
        return op_refuse(op, "the bias must be as wide as the weights");
    y.axes[y.rank - 1] = w.axes[1];
    return op_output(op, y);
}

static Matrix stored(const real *data, size_t width, Transpose transpose)
{
    return (Matrix){ (real *)data, width, transpose };
}

/* Rows of the product: all axes of x but the last. */
static size_t height(const OpRun *run)
{
    return run->input[X].rows * run->input[X].width / run->input[WEIGHTS].shape.axes[0];
}

static Slices slices_of(const OpRun *run)
{
    const OpTensor *x = &run->input[X];
    return (Slices){ x->slices, x->slice_count, x->width / run->input[WEIGHTS].shape.axes[0] };
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS];
    size_t in = w->shape.axes[0], out = w->shape.axes[1], rows = height(run);
    Matrix from = stored(x->data, in, AS_IS), by = stored(w->data, out, AS_IS);
    Matrix to = stored(run->output.data, out, AS_IS);
    (void)begin, (void)end;
    gemm_by_slices(run->blas, slices_of(run), rows, out, in, from, by, run->input[BIAS].data, 0,
                   to);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS];
    size_t in = w->shape.axes[0], out = w->shape.axes[1], rows = height(run);
    const real *dy = run->output.gradient;
    (void)begin, (void)end;
    if (x->gradient)
        gemm_by_slices(run->blas, slices_of(run), rows, in, out, stored(dy, out, AS_IS),
                       stored(w->data, out, TRANSPOSED), NULL, run->accumulate[X],
                       stored(x->gradient, in, AS_IS));
    if (w->gradient)
        gemm_over_slices(run->blas, slices_of(run), in, out, rows, stored(x->data, in, TRANSPOSED),
                         stored(dy, out, AS_IS), run->accumulate[WEIGHTS],
                         stored(w->gradient, out, AS_IS));
}

static void backward_bias(const OpRun *run, size_t begin, size_t end)
{
    real *db = run->input[BIAS].gradient;
    size_t out = run->input[WEIGHTS].shape.axes[1], rows = height(run);
    if (!db)
        return;
    for (size_t row = 0; row < rows; row++)
        for (size_t j = begin; j < end && j < out; j++)
            db[j] += run->output.gradient[row * out + j];
}

static double operations(const OpRun *run, bool backward)
{
    double one = 2 * (double)height(run) * (double)shape_elements(run->input[WEIGHTS].shape);
    size_t gradients = (run->input[X].gradient != NULL) + (run->input[WEIGHTS].gradient != NULL);
    return backward ? one * (double)gradients : one;
}

static const Op op_affine = {
    "affine",
    shape,
    .forward = { { OP_WHOLE, forward } },
    .backward = { { OP_WHOLE, backward }, { OP_BY_COLUMN, backward_bias } },
    .saves = OP_SAVES_INPUT(X) | OP_SAVES_INPUT(WEIGHTS),
    .overwrites = 1u << X | 1u << WEIGHTS,
    .multiplies = OP_SAVES_INPUT(X) | OP_SAVES_INPUT(WEIGHTS),
    .operations = operations,
};

Tensor affine(Graph *g, Tensor x, Tensor weights, Tensor bias)
{
    return graph_apply(g, &op_affine, NULL, 0, (Tensor[]){ x, weights, bias }, 3);
}
