/*
 * concatenate: tensors side by side along the last axis.
 *
 *   y = [x_1 | x_2 | ...]        dx_i = its part of dy
 *
 *   x_i, dx_i  [rows, ..., width_i]   y, dy  [rows, ..., sum of widths]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <string.h>

static bool shape(OpShape *op)
{
    Shape y = op_input(op, 0);
    size_t width = 0;
    for (size_t i = 0; i < op_input_count(op); i++) {
        Shape x = op_input(op, i);
        if (x.rank == 0 || !shape_equal(shape_without_last(x), shape_without_last(op_input(op, 0))))
            return op_refuse(op, "all axes but the last must agree");
        width += x.axes[x.rank - 1];
    }
    y.axes[y.rank - 1] = width;
    return op_output(op, y);
}

static size_t last_axis(const OpTensor *x)
{
    return x->shape.axes[x->shape.rank - 1];
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t all = last_axis(&run->output), vectors = run->output.width / all, at = 0;
    for (size_t part = 0; part < run->input_count; part++) {
        size_t width = last_axis(&run->input[part]);
        for (size_t i = begin * vectors; i < end * vectors; i++)
            memcpy(run->output.data + i * all + at, run->input[part].data + i * width,
                   width * sizeof(real));
        at += width;
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    size_t all = last_axis(&run->output), vectors = run->output.width / all, at = 0;
    for (size_t part = 0; part < run->input_count; part++) {
        size_t width = last_axis(&run->input[part]);
        real *dx = run->input[part].gradient;
        for (size_t i = begin * vectors; dx && i < end * vectors; i++)
            for (size_t j = 0; j < width; j++)
                dx[i * width + j] += run->output.gradient[i * all + at + j];
        at += width;
    }
}

static const Op op_concatenate = {
    "concatenate",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
};

Tensor concatenate(Graph *g, const Tensor parts[], size_t count)
{
    return graph_apply(g, &op_concatenate, NULL, 0, parts, count);
}
