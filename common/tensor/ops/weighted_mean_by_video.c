/*
 * weighted_mean_by_video: the rows that belong to each row of the parent axis, weighed by the softmax
 * over them of their scores.
 *
 *   a_i  = softmax over the rows i of v of c s_i        y_v  = sum of a_i x_i        0 where there are none
 *   dx_i = a_i dy_v                                     ds_i = c a_i <dy_v, x_i - y_v>
 *
 *   x, dx  [frames, ...]   s, ds  [frames, 1]   y, dy  [batch, ...]   a  [frames, 1], kept
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#include <string.h>

enum { X, SCORES };

static bool shape(OpShape *op)
{
    Shape x = op_input(op, X), scores = op_input(op, SCORES);
    if (!x.rows || !x.rows->parent)
        return op_refuse(op, "the rows belong to nothing");
    if (scores.rows != x.rows || shape_elements(scores) != 1)
        return op_refuse(op, "there must be one score for each row");
    Shape y = x;
    y.rows = x.rows->parent;
    return op_output(op, y) && op_keep(op, scores);
}

/* a of one video's rows. */
static void weigh(const OpRun *run, size_t first, size_t count)
{
    real scale = (real) * (const double *)run->attributes;
    const real *s = run->input[SCORES].data + first;
    real *a = run->kept[0] + first, largest = scale * s[0], sum = 0;
    for (size_t i = 1; i < count; i++)
        largest = scale * s[i] > largest ? scale * s[i] : largest;
    for (size_t i = 0; i < count; i++)
        sum += a[i] = real_exp(scale * s[i] - largest);
    for (size_t i = 0; i < count; i++)
        a[i] /= sum;
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const OpTensor *x = &run->input[X];
    for (size_t video = begin; video < end; video++) {
        size_t first = x->offsets[video], stop = x->offsets[video + 1];
        real *y = row_of(&run->output, video);
        memset(y, 0, x->width * sizeof *y);
        if (first < stop)
            weigh(run, first, stop - first);
        for (size_t row = first; row < stop; row++)
            for (size_t j = 0; j < x->width; j++)
                y[j] += run->kept[0][row] * row_of(x, row)[j];
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    real scale = (real) * (const double *)run->attributes;
    const OpTensor *x = &run->input[X];
    real *ds = run->input[SCORES].gradient;
    for (size_t video = begin; video < end; video++) {
        const real *dy = gradient_of(&run->output, video);
        real along = real_dot(dy, row_of(&run->output, video), x->width);
        for (size_t row = x->offsets[video]; row < x->offsets[video + 1]; row++) {
            real a = run->kept[0][row];
            if (ds)
                ds[row] += scale * a * (real_dot(dy, row_of(x, row), x->width) - along);
            for (size_t j = 0; x->gradient && j < x->width; j++)
                gradient_of(x, row)[j] += a * dy[j];
        }
    }
}

static const Op op_weighted_mean_by_video = {
    "weighted_mean_by_video",
    shape,
    .forward = { { OP_BY_GROUP, forward } },
    .backward = { { OP_BY_GROUP, backward } },
    .saves = OP_SAVES_INPUT(X) | OP_SAVES_OUTPUT,
};

Tensor weighted_mean_by_video(Graph *g, Tensor x, Tensor scores, double scale)
{
    return graph_apply(g, &op_weighted_mean_by_video, &scale, sizeof scale, (Tensor[]){ x, scores },
                       2);
}
