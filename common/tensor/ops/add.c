/*
 * add: the sum of two tensors of one shape.
 *
 *   z  = x + y
 *   dx = dz        dy = dz
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

static bool shape(OpShape *op)
{
    if (!shape_equal(op_input(op, 0), op_input(op, 1)))
        return op_refuse(op, "the shapes must be equal");
    return op_output(op, op_input(op, 0));
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const real *x = run->input[0].data, *y = run->input[1].data;
    real *z = run->output.data;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        z[i] = x[i] + y[i];
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const real *dz = run->output.gradient;
    for (size_t input = 0; input < 2; input++) {
        real *dx = run->input[input].gradient;
        for (size_t i = begin * run->output.width; dx && i < end * run->output.width; i++)
            dx[i] += dz[i];
    }
}

static const Op op_add = {
    "add",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
};

Tensor add(Graph *g, Tensor x, Tensor y)
{
    return graph_apply(g, &op_add, NULL, 0, (Tensor[]){ x, y }, 2);
}
