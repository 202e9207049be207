/*
 * dequantize: stored bytes as numbers.
 *
 *   y = scale q + offset        in one rounded product and one rounded sum
 * (spec/data-and-metrics 3.5)
 *
 *   q  bytes [rows, ...]   y  [rows, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

typedef struct Line {
    double scale, offset;
} Line;

static bool shape(OpShape *op)
{
    if (op_type(op, 0) != TYPE_BYTE)
        return op_refuse(op, "the input must be bytes");
    return op_output(op, op_input(op, 0));
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const Line *line = run->attributes;
    const uint8_t *q = run->input[0].bytes;
    real *y = run->output.data, scale = (real)line->scale, offset = (real)line->offset;
    for (size_t i = begin * run->output.width; i < end * run->output.width; i++)
        y[i] = (real)q[i] * scale + offset;
}

static const Op op_dequantize = { "dequantize", shape, .forward = { { OP_BY_ROW, forward } } };

Tensor dequantize(Graph *g, Tensor bytes, double scale, double offset)
{
    Line line = { scale, offset };
    return graph_apply(g, &op_dequantize, &line, sizeof line, (Tensor[]){ bytes }, 1);
}
