/*
 * mean_by_video: the mean over the rows that belong to each row of the parent axis.
 *
 *   y_v  = 1/n_v sum of x_i over the n_v rows i of v        0 where there are none
 *   dx_i = dy_v / n_v
 *
 *   x, dx  [frames, ...]   y, dy  [batch, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <string.h>

static real share_of(const OpTensor *x, size_t video)
{
    size_t count = x->offsets[video + 1] - x->offsets[video];
    return count ? (real)1 / (real)count : 0;
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    for (size_t video = begin; video < end; video++) {
        real *y = row_of(&run->output, video), share = share_of(x, video);
        memset(y, 0, x->width * sizeof *y);
        for (size_t row = x->offsets[video]; row < x->offsets[video + 1]; row++)
            for (size_t j = 0; j < x->width; j++)
                y[j] += row_of(x, row)[j];
        for (size_t j = 0; j < x->width; j++)
            y[j] *= share;
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[0];
    for (size_t video = begin; video < end; video++) {
        const real *dy = gradient_of(&run->output, video);
        real share = share_of(x, video);
        for (size_t row = x->offsets[video]; row < x->offsets[video + 1]; row++)
            for (size_t j = 0; j < x->width; j++)
                gradient_of(x, row)[j] += share * dy[j];
    }
}

static const Op op_mean_by_video = {
    "mean_by_video",
    op_output_by_parent,
    .forward = { { OP_BY_GROUP, forward } },
    .backward = { { OP_BY_GROUP, backward } },
};

Tensor mean_by_video(Graph *g, Tensor x)
{
    return graph_apply(g, &op_mean_by_video, NULL, 0, (Tensor[]){ x }, 1);
}
