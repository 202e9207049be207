/*
 * normalize_columns: every column of a row's matrix scaled to unit length (intra-normalisation).
 *
 *   i_k   = 1 / sqrt(max(sum_f x_fk^2, TINY))        y_fk = x_fk i_k
 *   dx_fk = (dy_fk - y_fk a_k) i_k                   a_k = sum_f dy_fk y_fk; 0 where the sum is below TINY
 *
 *   x, y, dx, dy  [rows, f, K]   i  [rows, K], kept   a  [rows, K], scratch
 *
 * Source: spec/models 5.1, step 8; Arandjelovic and Zisserman 2013.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#include <string.h>

#define TINY ((real)1e-12) // TensorFlow's: a column of zeros stays zero instead of becoming NaN

static bool shape(OpShape *op)
{
    Shape x = op_input(op, 0);
    if (!x.rows || x.rank != 2)
        return op_refuse(op, "each row must be a matrix");
    Shape columns = shape_rows(x.rows, x.axes[1]);
    return op_output(op, x) && op_keep(op, columns) && op_scratch(op, columns);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t K = run->output.shape.axes[1], width = run->output.width;
    for (size_t row = begin; row < end; row++) {
        const real *x = row_of(&run->input[0], row);
        real *y = row_of(&run->output, row), *inverse = run->kept[0] + row * K;
        memset(inverse, 0, K * sizeof *inverse);
        for (size_t at = 0; at < width; at += K)
            for (size_t k = 0; k < K; k++)
                inverse[k] += x[at + k] * x[at + k];
        for (size_t k = 0; k < K; k++)
            inverse[k] = 1 / real_sqrt(inverse[k] > TINY ? inverse[k] : TINY);
        for (size_t at = 0; at < width; at += K)
            for (size_t k = 0; k < K; k++)
                y[at + k] = x[at + k] * inverse[k];
    }
}

/* What would only change a column's length; there is none where the length is not used. */
static void sum_along(const OpRun *run, size_t row, real *restrict along)
{
    size_t K = run->output.shape.axes[1], width = run->output.width;
    const real *y = row_of(&run->output, row), *dy = gradient_of(&run->output, row);
    const real *inverse = run->kept[0] + row * K, largest = 1 / real_sqrt(TINY);
    memset(along, 0, K * sizeof *along);
    for (size_t at = 0; at < width; at += K)
        for (size_t k = 0; k < K; k++)
            along[k] += dy[at + k] * y[at + k];
    for (size_t k = 0; k < K; k++)
        along[k] = inverse[k] < largest ? along[k] : 0;
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    size_t K = run->output.shape.axes[1], width = run->output.width;
    for (size_t row = begin; row < end; row++) {
        const real *y = row_of(&run->output, row), *dy = gradient_of(&run->output, row);
        const real *inverse = run->kept[0] + row * K;
        real *dx = gradient_of(&run->input[0], row), *along = run->scratch[0] + row * K;
        sum_along(run, row, along);
        if (!run->accumulate[0])
            memset(dx, 0, width * sizeof *dx);
        for (size_t at = 0; at < width; at += K)
            for (size_t k = 0; k < K; k++)
                dx[at + k] += (dy[at + k] - y[at + k] * along[k]) * inverse[k];
    }
}

static const Op op_normalize_columns = {
    "normalize_columns",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
    .overwrites = 1u << 0,
};

Tensor normalize_columns(Graph *g, Tensor x)
{
    return graph_apply(g, &op_normalize_columns, NULL, 0, (Tensor[]){ x }, 1);
}
