/*
 * layer_norm: every row normalised over its own elements; what is added to it before, and dropped from,
 * in the same pass. Replaces dropout, add and a plain layer_norm.
 *
 *   s  = x + d u        d: the factors of dropout; without u, s = x
 *   m  = mean of s      i = 1 / sqrt(mean of (s - m)^2 + epsilon)      both over the row
 *   n  = (s - m) i      y = scale n + shift
 *   t  = scale dy       ds = i (t - mean of t - n mean of t n)
 *   dx = ds             du = d ds
 *   dscale = sum over rows of dy n        dshift = sum over rows of dy
 *
 *   x, u, y, dx, du, dy  [rows, ...]   scale, shift  [elements of a row]
 *   n  [rows, ...], i  [rows, 1]: kept
 *
 * Elements are drawn (cpu/drop.h) by their number in the whole batch, of which the rows may be a part.
 *
 * Source: Ba, Kiros and Hinton 2016; spec/models 2.2 and 10.2.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/drop.h"
#include "common/tensor/cpu/vector.h"

#include <string.h>

enum { X, ADDED, SCALE, SHIFT };
enum { NORMALIZED, INVERSE }; // kept

static bool shape(OpShape *op)
{
    const LayerNorm *settings = op_attributes(op);
    Shape x = op_input(op, X), width = shape_vector(shape_elements(x));
    if (!x.rows || (op_has_input(op, ADDED) && !shape_equal(op_input(op, ADDED), x)))
        return op_refuse(op, "there must be rows, and what is added must have their shape");
    if (!shape_equal(op_input(op, SCALE), width) || !shape_equal(op_input(op, SHIFT), width))
        return op_refuse(op, "scale and shift must be as wide as a row");
    return drop_rate_fits(op, settings->rate) && op_output(op, x) && op_keep(op, x)
        && op_keep(op, shape_rows(x.rows, 1));
}

/* s of one row. */
static void add_dropped(const OpRun *run, size_t row, real *s)
{
    const LayerNorm *settings = run->attributes;
    size_t width = run->output.width, drawn = (run->output.first + row) * width,
           end = drawn + width;
    memcpy(s, row_of(&run->input[X], row), width * sizeof *s);
    if (!run->input[ADDED].data)
        return;
    const real *u = row_of(&run->input[ADDED], row);
    for (size_t at = drawn, stop; at < end; at = stop) {
        real factors[DROP_AT_ONCE];
        size_t first = at - drawn;
        stop = drop_stop(at, end);
        drop_factors(run, settings->rate, at, stop, factors);
        for (size_t j = 0; j < stop - at; j++)
            s[first + j] += factors[j] * u[first + j];
    }
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const LayerNorm *settings = run->attributes;
    const real *scale = run->input[SCALE].data, *shift = run->input[SHIFT].data;
    size_t width = run->output.width;
    real share = (real)1 / (real)width;
    for (size_t row = begin; row < end; row++) {
        real *n = run->kept[NORMALIZED] + row * width, *y = row_of(&run->output, row);
        add_dropped(run, row, n);
        real mean = real_sum(n, width) * share;
        for (size_t j = 0; j < width; j++)
            n[j] -= mean;
        real inverse = 1 / real_sqrt(real_dot(n, n, width) * share + (real)settings->epsilon);
        run->kept[INVERSE][row] = inverse;
        for (size_t j = 0; j < width; j++) {
            n[j] *= inverse;
            y[j] = scale[j] * n[j] + shift[j];
        }
    }
}

static void give(real *to, const real *from, size_t n, bool adds)
{
    for (size_t j = 0; to && adds && j < n; j++)
        to[j] += from[j];
    for (size_t j = 0; to && !adds && j < n; j++)
        to[j] = from[j];
}

/* The sums of t and of t n over a row, in lanes as real_sum has them. */
#define T_TERM(j) scale[j] * dy[j]
#define TN_TERM(j) scale[j] * dy[j] * own[j]
DEFINE_SUM(sum_of_t, (const real *scale, const real *dy, size_t n), T_TERM)
DEFINE_SUM(sum_of_tn, (const real *scale, const real *dy, const real *own, size_t n), TN_TERM)

static void backward(const OpRun *run, size_t begin, size_t end)
{
    const LayerNorm *settings = run->attributes;
    const OpTensor *x = &run->input[X], *u = &run->input[ADDED];
    const real *scale = run->input[SCALE].data;
    size_t width = run->output.width;
    for (size_t row = begin; row < end; row++) {
        const real *n = run->kept[NORMALIZED] + row * width, *dy = gradient_of(&run->output, row);
        real inverse = run->kept[INVERSE][row];
        size_t drawn = (run->output.first + row) * width;
        real mean = sum_of_t(scale, dy, width) / (real)width;
        real along = sum_of_tn(scale, dy, n, width) / (real)width;
        for (size_t at = 0, stop; at < width; at = stop) {
            real ds[DROP_AT_ONCE], factors[DROP_AT_ONCE];
            size_t first = row * width + at;
            stop = drop_stop(drawn + at, drawn + width) - drawn;
            for (size_t j = at; j < stop; j++)
                ds[j - at] = inverse * (scale[j] * dy[j] - mean - n[j] * along);
            give(x->gradient ? x->gradient + first : NULL, ds, stop - at, run->accumulate[X]);
            if (!u->gradient)
                continue;
            drop_factors(run, settings->rate, drawn + at, drawn + stop, factors);
            for (size_t j = at; j < stop; j++)
                ds[j - at] *= factors[j - at];
            give(u->gradient + first, ds, stop - at, run->accumulate[ADDED]);
        }
    }
}

static void backward_parameters(const OpRun *run, size_t begin, size_t end)
{
    real *dscale = run->input[SCALE].gradient, *dshift = run->input[SHIFT].gradient;
    for (size_t row = 0; row < run->output.rows; row++) {
        const real *dy = gradient_of(&run->output, row);
        const real *n = run->kept[NORMALIZED] + row * run->output.width;
        for (size_t j = begin; dscale && j < end; j++)
            dscale[j] += dy[j] * n[j];
        for (size_t j = begin; dshift && j < end; j++)
            dshift[j] += dy[j];
    }
}

static const Op op_layer_norm = {
    "layer_norm",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward }, { OP_BY_COLUMN, backward_parameters } },
    .saves = OP_SAVES_INPUT(SCALE),
    .overwrites = 1u << X | 1u << ADDED,
};

Tensor layer_norm(Graph *g, const char *name, Tensor x, Tensor added, Tensor scale, Tensor shift,
                  LayerNorm settings)
{
    return graph_apply_named(g, name, &op_layer_norm, &settings, sizeof settings,
                             (Tensor[]){ x, added, scale, shift }, 4);
}
