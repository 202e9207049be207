/*
 * leaky_relu: a positive part that leaks, element by element.
 *
 *   y  = x where x > 0, else slope x
 *   dx = dy where y > 0, else slope dy (y has x's sign)
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
    real slope = (real) * (const double *)run->attributes;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const real *y = run->output.data, *dy = run->output.gradient;
    real *dx = run->input[0].gradient;
    real slope = (real) * (const double *)run->attributes;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        dx[i] += y[i] > 0 ? dy[i] : slope * dy[i];
}

static const Op op_leaky_relu = {
    "leaky_relu",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
};

Tensor leaky_relu(Graph *g, Tensor x, double slope)
{
    return graph_apply(g, &op_leaky_relu, &slope, sizeof slope, (Tensor[]){ x }, 1);
}
