/*
 * split_columns: a matrix cut into parts of equal width, each a matrix of its own.
 *
 *   y_pij = x_i(p width + j)        dx likewise
 *
 *   x, dx  [height, parts width]   y, dy  [parts, height, width]
 */
#include "common/tensor/op.h"
#include "common/tensor/ops.h"

#include <string.h>

static bool shape(OpShape *op)
{
    Shape x = op_input(op, 0);
    size_t parts = *(const size_t *)op_attributes(op);
    if (x.rows || x.rank != 2 || parts == 0 || x.axes[1] % parts != 0)
        return op_refuse(op, "it can't be cut into %zu matrices of equal width", parts);
    return op_output(op, (Shape){ NULL, 3, { parts, x.axes[0], x.axes[1] / parts } });
}

/* Elements of y that lie side by side in x too. */
typedef struct Stretch {
    size_t from, count; // from: the first one's place in x
} Stretch;

static Stretch stretch_at(const Shape *y, size_t at, size_t end)
{
    size_t parts = y->axes[0], height = y->axes[1], width = y->axes[2], j = at % width;
    size_t row = at / width % height, part = at / width / height;
    size_t left = width - j < end - at ? width - j : end - at;
    return (Stretch){ (row * parts + part) * width + j, left };
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    for (size_t at = begin; at < end;) {
        Stretch stretch = stretch_at(&run->output.shape, at, end);
        memcpy(run->output.data + at, run->input[0].data + stretch.from,
               stretch.count * sizeof(real));
        at += stretch.count;
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    for (size_t at = begin; at < end;) {
        Stretch stretch = stretch_at(&run->output.shape, at, end);
        const real *dy = run->output.gradient + at;
        real *dx = run->input[0].gradient + stretch.from;
        for (size_t j = 0; j < stretch.count; j++)
            dx[j] = run->accumulate[0] ? dx[j] + dy[j] : dy[j];
        at += stretch.count;
    }
}

static const Op op_split_columns = {
    "split_columns",
    shape,
    .forward = { { OP_BY_COLUMN, forward } },
    .backward = { { OP_BY_COLUMN, backward } },
    .overwrites = 1,
};

Tensor split_columns(Graph *g, Tensor x, size_t parts)
{
    return graph_apply(g, &op_split_columns, &parts, sizeof parts, (Tensor[]){ x }, 1);
}
