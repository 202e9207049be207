/*
 * batch_norm: every element of a row normalised over the valid rows of the batch.
 *
 *   m   = mean over rows of x        v = mean over rows of (x - m)^2        i = 1 / sqrt(v +
 * epsilon) y   = scale (x - m) i + shift dshift = sum over rows of dy     dscale = sum over rows of
 * dy (x - m) i dx  = scale i (dy - dshift / n - (x - m) i dscale / n)
 *
 * In training the moving averages become (1 - momentum) old + momentum new; outside training they
 * stand for m and v.
 *
 *   x, y, dx, dy  [rows, ...]   all others  [elements of a row]; m and i are kept
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

enum { X, SCALE, SHIFT, MOVING_MEAN, MOVING_VARIANCE };
enum { MEAN, INVERSE };       // kept
enum { SUM, SUM_NORMALIZED }; // scratch: dshift and dscale of this op alone

#define COLUMNS_AT_ONCE 256 // at most the grain of a phase by column: their sums stay in L1

static bool shape(OpShape *op)
{
    Shape x = op_input(op, X), width = shape_vector(shape_elements(x));
    if (!x.rows)
        return op_refuse(op, "there are no rows to normalise over");
    for (size_t i = SCALE; i <= MOVING_VARIANCE; i++)
        if (!shape_equal(op_input(op, i), width))
            return op_refuse(op, "scale, shift, mean and variance must be as wide as a row");
    return op_output(op, x) && op_keep(op, width) && op_keep(op, width) && op_scratch(op, width)
        && op_scratch(op, width);
}

static void move_averages(const OpRun *run, size_t column, real mean, real variance)
{
    const BatchNorm *settings = run->attributes;
    real *moving_mean = run->input[MOVING_MEAN].data + column;
    real *moving_variance = run->input[MOVING_VARIANCE].data + column;
    size_t rows = run->input[X].rows;
    if (settings->unbiased_variance && rows > 1)
        variance *= (real)rows / (real)(rows - 1);
    *moving_mean += (real)settings->momentum * (mean - *moving_mean);
    *moving_variance += (real)settings->momentum * (variance - *moving_variance);
}

/* Mean and variance of columns begin .. end - 1, in two passes: exact enough in float. */
static void batch_moments(const OpRun *run, size_t begin, size_t end)
{
    const BatchNorm *settings = run->attributes;
    const OpTensor *x = &run->input[X];
    real mean[COLUMNS_AT_ONCE] = { 0 }, variance[COLUMNS_AT_ONCE] = { 0 };
    real share = (real)1 / (real)(x->rows ? x->rows : 1);
    size_t count = end - begin;
    for (size_t row = 0; row < x->rows; row++)
        for (size_t j = 0; j < count; j++)
            mean[j] += row_of(x, row)[begin + j];
    for (size_t j = 0; j < count; j++)
        mean[j] *= share;
    for (size_t row = 0; row < x->rows; row++)
        for (size_t j = 0; j < count; j++) {
            real difference = row_of(x, row)[begin + j] - mean[j];
            variance[j] += difference * difference;
        }
    for (size_t j = 0; j < count; j++) {
        run->kept[MEAN][begin + j] = mean[j];
        run->kept[INVERSE][begin + j] =
            1 / real_sqrt(variance[j] * share + (real)settings->epsilon);
        if (x->rows)
            move_averages(run, begin + j, mean[j], variance[j] * share);
    }
}

static void moving_moments(const OpRun *run, size_t begin, size_t end)
{
    const BatchNorm *settings = run->attributes;
    for (size_t j = begin; j < end; j++) {
        run->kept[MEAN][j] = run->input[MOVING_MEAN].data[j];
        run->kept[INVERSE][j] =
            1 / real_sqrt(run->input[MOVING_VARIANCE].data[j] + (real)settings->epsilon);
    }
}

static void moments(const OpRun *run, size_t begin, size_t end)
{
    for (size_t at = begin; at < end; at += COLUMNS_AT_ONCE) {
        size_t stop = end - at < COLUMNS_AT_ONCE ? end : at + COLUMNS_AT_ONCE;
        (run->training ? batch_moments : moving_moments)(run, at, stop);
    }
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const real *mean = run->kept[MEAN], *inverse = run->kept[INVERSE];
    const real *scale = run->input[SCALE].data, *shift = run->input[SHIFT].data;
    for (size_t row = begin; row < end; row++) {
        const real *x = row_of(&run->input[X], row);
        real *y = row_of(&run->output, row);
        for (size_t j = 0; j < run->output.width; j++)
            y[j] = (x[j] - mean[j]) * (inverse[j] * scale[j]) + shift[j];
    }
}

/* The two sums over rows that every gradient needs. */
static void backward_sums(const OpRun *run, size_t begin, size_t end)
{
    const real *mean = run->kept[MEAN], *inverse = run->kept[INVERSE];
    real *sum = run->scratch[SUM], *normalized = run->scratch[SUM_NORMALIZED];
    for (size_t j = begin; j < end; j++)
        sum[j] = normalized[j] = 0;
    for (size_t row = 0; row < run->output.rows; row++) {
        const real *x = row_of(&run->input[X], row), *dy = gradient_of(&run->output, row);
        for (size_t j = begin; j < end; j++) {
            sum[j] += dy[j];
            normalized[j] += dy[j] * (x[j] - mean[j]) * inverse[j];
        }
    }
    for (size_t j = begin; j < end && run->input[SHIFT].gradient; j++)
        run->input[SHIFT].gradient[j] += sum[j];
    for (size_t j = begin; j < end && run->input[SCALE].gradient; j++)
        run->input[SCALE].gradient[j] += normalized[j];
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const real *mean = run->kept[MEAN], *inverse = run->kept[INVERSE];
    const real *sum = run->scratch[SUM], *normalized = run->scratch[SUM_NORMALIZED];
    const real *scale = run->input[SCALE].data;
    real share = (real)1 / (real)run->output.rows;
    bool adds = run->accumulate[X];
    for (size_t row = begin; row < end && run->input[X].gradient; row++) {
        const real *x = row_of(&run->input[X], row), *dy = gradient_of(&run->output, row);
        real *dx = gradient_of(&run->input[X], row);
        for (size_t j = 0; j < run->output.width; j++)
            dx[j] = (adds ? dx[j] : 0)
                + scale[j] * inverse[j]
                    * (dy[j] - sum[j] * share
                       - (x[j] - mean[j]) * inverse[j] * (normalized[j] * share));
    }
}

static const Op op_batch_norm = {
    "batch_norm",
    shape,
    .forward = { { OP_BY_COLUMN, moments }, { OP_BY_ROW, forward } },
    .backward = { { OP_BY_COLUMN, backward_sums }, { OP_BY_ROW, backward } },
    .saves = OP_SAVES_INPUT(X) | OP_SAVES_INPUT(SCALE),
    .overwrites = 1u << X,
    .couples_samples = true,
};

Tensor batch_norm(Graph *g, Tensor x, Tensor scale, Tensor shift, Tensor mean, Tensor variance,
                  BatchNorm settings)
{
    return graph_apply(g, &op_batch_norm, &settings, sizeof settings,
                       (Tensor[]){ x, scale, shift, mean, variance }, 5);
}
