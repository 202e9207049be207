/*
 * leading_rows: the first rows of each row of the parent axis, side by side.
 *
 *   y_vk = x_i, i the k-th row of v, or its last where it has fewer        0 where it has none
 *   dx_i = sum of dy_vk over the k that took it
 *
 *   x, dx  [frames, ...]   y, dy  [batch, count times as wide]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <string.h>

static bool shape(OpShape *op)
{
    size_t count = *(const size_t *)op_attributes(op);
    Shape x = op_input(op, 0);
    if (!x.rows || !x.rows->parent)
        return op_refuse(op, "the rows belong to nothing");
    if (count == 0)
        return op_refuse(op, "there must be at least one");
    return op_output(op, shape_rows(x.rows->parent, count * shape_elements(x)));
}

/* Which row of x is the k-th of a video that has some. */
static size_t row_at(const OpTensor *x, size_t video, size_t k)
{
    size_t row = x->offsets[video] + k, last = x->offsets[video + 1] - 1;
    return row < last ? row : last;
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    size_t count = run->output.width / x->width;
    for (size_t video = begin; video < end; video++) {
        real *y = row_of(&run->output, video);
        if (x->offsets[video] == x->offsets[video + 1])
            memset(y, 0, run->output.width * sizeof *y);
        else
            for (size_t k = 0; k < count; k++)
                memcpy(y + k * x->width, row_of(x, row_at(x, video, k)), x->width * sizeof *y);
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    size_t count = run->output.width / x->width;
    for (size_t video = begin; video < end; video++) {
        const real *dy = gradient_of(&run->output, video);
        bool empty = x->offsets[video] == x->offsets[video + 1];
        for (size_t k = 0; k < count && !empty; k++, dy += x->width) {
            real *dx = gradient_of(x, row_at(x, video, k));
            for (size_t j = 0; j < x->width; j++)
                dx[j] += dy[j];
        }
    }
}

static const Op op_leading_rows = {
    "leading_rows",
    shape,
    .forward = { { OP_BY_GROUP, forward } },
    .backward = { { OP_BY_GROUP, backward } },
};

Tensor leading_rows(Graph *g, Tensor x, size_t count)
{
    return graph_apply(g, &op_leading_rows, &count, sizeof count, (Tensor[]){ x }, 1);
}
