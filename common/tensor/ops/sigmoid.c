/*
 * sigmoid: the logistic function, element by element.
 *
 *   y  = 1 / (1 + e^-x)
 *   dx = dy y (1 - y)
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

static bool shape(OpShape *op)
{
    return op_output(op, op_input(op, 0));
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const real *x = run->input[0].data;
    real *y = run->output.data;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        y[i] = real_sigmoid(x[i]);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const real *y = run->output.data, *dy = run->output.gradient;
    real *dx = run->input[0].gradient;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        dx[i] += dy[i] * y[i] * (1 - y[i]);
}

static const Op op_sigmoid = {
    "sigmoid",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
};

Tensor sigmoid(Graph *g, Tensor x)
{
    return graph_apply(g, &op_sigmoid, NULL, 0, (Tensor[]){ x }, 1);
}
