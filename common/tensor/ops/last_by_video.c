/*
 * last_by_video: the last of the rows that belong to each row of the parent axis.
 *
 *   y_v = x_i, i the last row of v        0 where it has none
 *   dx_i = dy_v there, 0 elsewhere
 *
 *   x, dx  [frames, ...]   y, dy  [batch, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <string.h>

static bool has_rows(const OpTensor *x, size_t video)
{
    return x->offsets[video] < x->offsets[video + 1];
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    for (size_t video = begin; video < end; video++) {
        real *y = row_of(&run->output, video);
        if (has_rows(x, video))
            memcpy(y, row_of(x, x->offsets[video + 1] - 1), x->width * sizeof *y);
        else
            memset(y, 0, x->width * sizeof *y);
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    for (size_t video = begin; video < end; video++) {
        const real *dy = gradient_of(&run->output, video);
        for (size_t j = 0; has_rows(x, video) && j < x->width; j++)
            gradient_of(x, x->offsets[video + 1] - 1)[j] += dy[j];
    }
}

static const Op op_last_by_video = {
    "last_by_video",
    op_output_by_parent,
    .forward = { { OP_BY_GROUP, forward } },
    .backward = { { OP_BY_GROUP, backward } },
};

Tensor last_by_video(Graph *g, Tensor x)
{
    return graph_apply(g, &op_last_by_video, NULL, 0, (Tensor[]){ x }, 1);
}
