/*
 * softmax: the last axis as probabilities.
 *
 *   y_j  = e^(x_j - m) / sum_k e^(x_k - m)        m = max_k x_k
 *   dx_j = y_j (dy_j - <dy, y>)
 *
 *   x, y, dx, dy  [rows, ..., width]
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

static bool shape(OpShape *op)
{
    if (op_input(op, 0).rank == 0)
        return op_refuse(op, "there is no axis to sum over");
    return op_output(op, op_input(op, 0));
}

static size_t width_of_vector(const OpRun *run)
{
    return run->output.shape.axes[run->output.shape.rank - 1];
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t width = width_of_vector(run), vectors = run->output.width / width;
    for (size_t i = begin * vectors; i < end * vectors; i++) {
        const real *x = run->input[0].data + i * width;
        real *y = run->output.data + i * width, largest = real_maximum(x, width);
        for (size_t j = 0; j < width; j++)
            y[j] = real_exp(x[j] - largest);
        real sum = real_sum(y, width);
        for (size_t j = 0; j < width; j++)
            y[j] /= sum;
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    size_t width = width_of_vector(run), vectors = run->output.width / width;
    for (size_t i = begin * vectors; i < end * vectors; i++) {
        const real *y = run->output.data + i * width, *dy = run->output.gradient + i * width;
        real *dx = run->input[0].gradient + i * width, along = real_dot(dy, y, width);
        for (size_t j = 0; j < width; j++)
            dx[j] += y[j] * (dy[j] - along);
    }
}

static const Op op_softmax = {
    "softmax",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
};

Tensor softmax(Graph *g, Tensor x)
{
    return graph_apply(g, &op_softmax, NULL, 0, (Tensor[]){ x }, 1);
}
