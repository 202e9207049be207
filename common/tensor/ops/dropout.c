/*
 * dropout: inverted dropout.
 *
 *   y_i  = x_i / (1 - rate) where u_i >= rate, else 0        dx_i = the same of dy_i
 *
 * How u_i is drawn says cpu/drop.h: any piece alone, again in backward instead of being kept. Elements
 * are counted over the whole batch, of which the rows may be a part.
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/drop.h"

static bool shape(OpShape *op)
{
    return drop_rate_fits(op, *(const double *)op_attributes(op)) && op_output(op, op_input(op, 0));
}

/* to_i = (adds: to_i +) factor_i from_i for all elements of rows begin .. end - 1. */
static void drop(const OpRun *run, const real *from, real *to, bool adds, size_t begin, size_t end)
{
    double rate = *(const double *)run->attributes;
    size_t width = run->output.width, before = run->output.first * width;
    for (size_t at = before + begin * width, stop; at < before + end * width; at = stop) {
        real factors[DROP_AT_ONCE], *y = to + (at - before);
        const real *x = from + (at - before);
        stop = drop_stop(at, before + end * width);
        drop_factors(run, rate, at, stop, factors);
        for (size_t i = 0; adds && i < stop - at; i++)
            y[i] += factors[i] * x[i];
        for (size_t i = 0; !adds && i < stop - at; i++)
            y[i] = factors[i] * x[i];
    }
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    drop(run, run->input[0].data, run->output.data, false, begin, end);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    drop(run, run->output.gradient, run->input[0].gradient, true, begin, end);
}

static const Op op_dropout = {
    "dropout",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .only_in_training = true,
};

Tensor dropout(Graph *g, const char *name, Tensor x, double rate)
{
    if (rate == 0)
        return x;
    return graph_apply_named(g, name, &op_dropout, &rate, sizeof rate, (Tensor[]){ x }, 1);
}
