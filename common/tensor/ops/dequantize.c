/*
 * dequantize: some columns of stored bytes as numbers, scaled to the unit length of the whole row where
 * that is asked for. Replaces a map of every byte, l2_normalize and columns: a byte is read, a number
 * written.
 *
 *   x_j = scale q_j + offset                    in one rounded product and one rounded sum
 *   y_j = x_(begin + j) / s                     s = 1, or sqrt(max(sum_j x_j^2, TINY)) over all columns
 *
 * (spec/data-and-metrics 3.5, spec/models 1.1 and 1.3.) The sum of squares comes from the sums of q and
 * of q^2, which are whole numbers: scale^2 sum q^2 + 2 scale offset sum q + width offset^2.
 *
 *   q  bytes [rows, all]   y  [rows, width]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#include <math.h>

#define TINY 1e-12            // l2_normalize's
#define CHUNK ((size_t)16384) // bytes whose squares' sum fits 32 bits

static bool shape(OpShape *op)
{
    const Dequantization *how = op_attributes(op);
    Shape q = op_input(op, 0);
    if (op_type(op, 0) != TYPE_BYTE || q.rank != 1)
        return op_refuse(op, "the input must be rows of bytes");
    if (how->width == 0 || how->begin > q.axes[0] || how->width > q.axes[0] - how->begin)
        return op_refuse(op, "columns %zu to %zu are not all there", how->begin,
                         how->begin + how->width);
    return op_output(op, shape_rows(q.rows, how->width));
}

/* 1 / s of a row. */
static real inverse_length(const uint8_t *q, size_t all, const Dequantization *how)
{
    uint64_t sum = 0, squares = 0;
    for (size_t from = 0; from < all; from += CHUNK) {
        size_t to = all - from < CHUNK ? all : from + CHUNK;
        uint32_t chunk_sum = 0, chunk_squares = 0;
        for (size_t j = from; j < to; j++) {
            chunk_sum += q[j];
            chunk_squares += (uint32_t)q[j] * q[j];
        }
        sum += chunk_sum;
        squares += chunk_squares;
    }
    double length = how->scale * how->scale * (double)squares
        + 2 * how->scale * how->offset * (double)sum + (double)all * how->offset * how->offset;
    return (real)(1 / sqrt(length > TINY ? length : TINY));
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const Dequantization *how = run->attributes;
    size_t all = run->input[0].width;
    real scale = (real)how->scale, offset = (real)how->offset;
    for (size_t row = begin; row < end; row++) {
        const uint8_t *whole = run->input[0].bytes + row * all, *q = whole + how->begin;
        real *y = row_of(&run->output, row);
        real inverse = how->unit_length ? inverse_length(whole, all, how) : 1;
        for (size_t j = 0; j < how->width; j++)
            y[j] = ((real)q[j] * scale + offset) * inverse;
    }
}

static const Op op_dequantize = { "dequantize", shape, .forward = { { OP_BY_ROW, forward } } };

Tensor dequantize(Graph *g, Tensor bytes, Dequantization how)
{
    return graph_apply(g, &op_dequantize, &how, sizeof how, (Tensor[]){ bytes }, 1);
}
