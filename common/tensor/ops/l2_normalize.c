/*
 * l2_normalize: the last axis scaled to unit length.
 *
 *   s  = sqrt(max(sum_j x_j^2, TINY))        y = x / s
 *   dx = (dy - y <dy, y>) / s                dx = dy / s where the sum is below TINY
 *
 *   x, y, dx, dy  [rows, ..., width]   s  [rows, ...], kept
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#define TINY ((real)1e-12) // TensorFlow's: a row of zeros stays zero instead of becoming NaN

static bool shape(OpShape *op)
{
    Shape x = op_input(op, 0);
    if (x.rank == 0)
        return op_refuse(op, "there is no axis to normalise");
    return op_output(op, x) && op_keep(op, shape_without_last(x));
}

static size_t width_of_vector(const OpRun *run)
{
    return run->output.shape.axes[run->output.shape.rank - 1];
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t width = width_of_vector(run), vectors = run->output.width / width;
    for (size_t i = begin * vectors; i < end * vectors; i++) {
        const real *x = run->input[0].data + i * width;
        real *y = run->output.data + i * width, sum = real_dot(x, x, width);
        real s = real_sqrt(sum > TINY ? sum : TINY);
        run->kept[0][i] = s;
        for (size_t j = 0; j < width; j++)
            y[j] = x[j] / s;
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    size_t width = width_of_vector(run), vectors = run->output.width / width;
    for (size_t i = begin * vectors; i < end * vectors; i++) {
        const real *y = run->output.data + i * width, *dy = run->output.gradient + i * width;
        real *dx = run->input[0].gradient + i * width, s = run->kept[0][i];
        real along = s * s > TINY ? real_dot(dy, y, width) : 0; // what would only change the length
        for (size_t j = 0; j < width; j++)
            dx[j] += (dy[j] - y[j] * along) / s;
    }
}

static const Op op_l2_normalize = {
    "l2_normalize",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
};

Tensor l2_normalize(Graph *g, Tensor x)
{
    return graph_apply(g, &op_l2_normalize, NULL, 0, (Tensor[]){ x }, 1);
}
