/*
 * dropout: inverted dropout.
 *
 *   y_i  = x_i / (1 - rate) where u_i >= rate, else 0        dx_i = the same of dy_i
 *
 * u_i has 16 random bits of Philox under the key (seed, name) at counter (step, i / 8), so that any
 * piece can be computed alone, again in backward instead of being kept, and the same on any device: of
 * the block's four words, u_i is half i mod 8 (the low half of each word first). The rate is rounded to
 * a multiple of 2^-16. Elements are counted over the whole batch, of which the rows may be a part.
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#define DRAWS 8                        // elements that one block of Philox decides
#define AT_ONCE (DRAWS * PHILOX_LANES) // elements that one call decides

static bool shape(OpShape *op)
{
    double rate = *(const double *)op_attributes(op);
    if (!(rate >= 0 && rate < 1))
        return op_refuse(op, "a rate of %g; it must be at least 0 and below 1", rate);
    return op_output(op, op_input(op, 0));
}

/* The factors of elements first .. first + AT_ONCE - 1; first is a multiple of AT_ONCE. */
static void draw_factors(const OpRun *run, size_t first, real factors[AT_ONCE])
{
    double rate = *(const double *)run->attributes;
    uint32_t threshold = (uint32_t)(rate * 65536 + 0.5), words[4][PHILOX_LANES], draws[AT_ONCE];
    real scale = (real)(65536.0 / (65536.0 - threshold));
    philox_wide(run->key, run->step, first / DRAWS, words);
    for (size_t block = 0; block < PHILOX_LANES; block++)
        for (size_t w = 0; w < 4; w++) {
            draws[block * DRAWS + 2 * w] = words[w][block] & 0xffff;
            draws[block * DRAWS + 2 * w + 1] = words[w][block] >> 16;
        }
    for (size_t i = 0; i < AT_ONCE; i++) // apart from the above, so that both become vectors
        factors[i] = draws[i] >= threshold ? scale : 0;
}

/* to_i = (adds: to_i +) factor_i from_i for all elements of rows begin .. end - 1. */
static void drop(const OpRun *run, const real *from, real *to, bool adds, size_t begin, size_t end)
{
    size_t width = run->output.width, before = run->output.first * width;
    size_t next = before + begin * width, stop = before + end * width;
    for (size_t base = next - next % AT_ONCE; base < stop; base += AT_ONCE) {
        real factors[AT_ONCE];
        size_t last = base + AT_ONCE < stop ? base + AT_ONCE : stop, count = last - next;
        const real *x = from + (next - before), *factor = factors + (next - base);
        real *y = to + (next - before);
        draw_factors(run, base, factors);
        for (size_t i = 0; adds && i < count; i++)
            y[i] += factor[i] * x[i];
        for (size_t i = 0; !adds && i < count; i++)
            y[i] = factor[i] * x[i];
        next = last;
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
