/*
 * columns: a part of the last axis.
 *
 *   y_j = x_(begin + j)        dx_(begin + j) = dy_j
 *
 *   x, dx  [rows, ..., all]   y, dy  [rows, ..., width]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <string.h>

typedef struct Range {
    size_t begin, width;
} Range;

static bool shape(OpShape *op)
{
    const Range *range = op_attributes(op);
    Shape y = op_input(op, 0);
    size_t all = y.rank ? y.axes[y.rank - 1] : 0;
    if (range->width == 0 || range->begin > all || range->width > all - range->begin)
        return op_refuse(op, "columns %zu to %zu are not all there", range->begin,
                         range->begin + range->width);
    y.axes[y.rank - 1] = range->width;
    return op_output(op, y);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const Range *range = run->attributes;
    size_t all = run->input[0].shape.axes[run->input[0].shape.rank - 1], width = range->width;
    size_t vectors = run->output.width / width;
    for (size_t i = begin * vectors; i < end * vectors; i++)
        memcpy(run->output.data + i * width, run->input[0].data + i * all + range->begin,
               width * sizeof(real));
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const Range *range = run->attributes;
    size_t all = run->input[0].shape.axes[run->input[0].shape.rank - 1], width = range->width;
    size_t vectors = run->output.width / width;
    for (size_t i = begin * vectors; i < end * vectors; i++) {
        const real *dy = run->output.gradient + i * width;
        real *dx = run->input[0].gradient + i * all + range->begin;
        for (size_t j = 0; j < width; j++)
            dx[j] += dy[j];
    }
}

static const Op op_columns = {
    "columns",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
};

Tensor columns(Graph *g, Tensor x, size_t begin, size_t width)
{
    Range range = { begin, width };
    return graph_apply(g, &op_columns, &range, sizeof range, (Tensor[]){ x }, 1);
}
