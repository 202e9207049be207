/*
 * relu: the positive part, element by element.
 *
 *   y  = max(x, 0)
 *   dx = dy where y > 0, else 0
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
        y[i] = x[i] > 0 ? x[i] : 0;
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const real *y = run->output.data, *dy = run->output.gradient;
    real *dx = run->input[0].gradient;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        dx[i] += y[i] > 0 ? dy[i] : 0;
}

static const Op op_relu = {
    "relu",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
};

Tensor relu(Graph *g, Tensor x)
{
    return graph_apply(g, &op_relu, NULL, 0, (Tensor[]){ x }, 1);
}
