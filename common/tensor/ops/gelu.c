/*
 * gelu: the Gaussian error linear unit, in the form with tanh.
 *
 *   y  = x/2 (1 + tanh(C (x + B x^3))) = x s        s = sigmoid(2 C (x + B x^3))
 *   dx = dy (s + x s (1 - s) 2 C (1 + 3 B x^2))
 *
 *   x, y, dx, dy  [rows, ...]
 *
 * Source: Hendrycks and Gimpel 2016; spec/models 10.2.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#define B ((real)0.044715)
#define TWO_C ((real)1.5957691216057308) // C = sqrt(2 / pi)

static bool shape(OpShape *op)
{
    return op_output(op, op_input(op, 0));
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const real *x = run->input[0].data;
    real *y = run->output.data;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        y[i] = x[i] * real_sigmoid(TWO_C * (x[i] + B * x[i] * x[i] * x[i]));
}

static inline real slope(real x)
{
    real s = real_sigmoid(TWO_C * (x + B * x * x * x));
    return s + x * s * (1 - s) * TWO_C * (1 + 3 * B * x * x);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const real *x = run->input[0].data, *dy = run->output.gradient;
    real *dx = run->input[0].gradient;
    bool adds = run->accumulate[0];
    begin *= run->output.width;
    end *= run->output.width;
    for (size_t i = begin; adds && i < end; i++)
        dx[i] += dy[i] * slope(x[i]);
    for (size_t i = begin; !adds && i < end; i++)
        dx[i] = dy[i] * slope(x[i]);
}

static const Op op_gelu = {
    "gelu",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_INPUT(0),
    .overwrites = 1u,
};

Tensor gelu(Graph *g, Tensor x)
{
    return graph_apply(g, &op_gelu, NULL, 0, (Tensor[]){ x }, 1);
}
