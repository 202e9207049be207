/*
 * dropout: inverted dropout.
 *
 *   y_i  = x_i / (1 - rate) where u_i >= rate, else 0        dx_i = the same of dy_i
 *
 * u_i has 16 random bits of Philox under the key (seed, name) at counter (step, i / 8), so that any
 * piece can be computed alone, again in backward instead of being kept, and the same on any device.
 * The rate is rounded to a multiple of 2^-16.
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/ops.h"
#include "common/tensor/op.h"

#define DRAWS 8 // elements that one block of Philox decides: four words of two halves

static bool shape(OpShape *op)
{
    double rate = *(const double *)op_attributes(op);
    if (!(rate >= 0 && rate < 1))
        return op_refuse(op, "a rate of %g; it must be at least 0 and below 1", rate);
    return op_output(op, op_input(op, 0));
}

/* to_i += or = scale from_i where element i stays; i from begin to end - 1. */
static void drop(const OpRun *run, const real *from, real *to, bool adds, size_t begin, size_t end)
{
    double rate = *(const double *)run->attributes;
    uint32_t threshold = (uint32_t)(rate * 65536 + 0.5), words[4];
    real scale = (real)(65536.0 / (65536.0 - threshold));
    for (size_t block = begin / DRAWS; block * DRAWS < end; block++) {
        real factor[DRAWS];
        philox(run->key, run->step, block, words);
        for (size_t draw = 0; draw < DRAWS; draw++) {
            uint32_t u = draw % 2 ? words[draw / 2] >> 16 : words[draw / 2] & 0xffff;
            factor[draw] = u >= threshold ? scale : 0;
        }
        size_t first = block * DRAWS < begin ? begin : block * DRAWS;
        size_t last = (block + 1) * DRAWS < end ? (block + 1) * DRAWS : end;
        for (size_t i = first; i < last; i++)
            to[i] = (adds ? to[i] : 0) + factor[i - block * DRAWS] * from[i];
    }
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    drop(run, run->input[0].data, run->output.data, false, begin * run->output.width,
         end * run->output.width);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    drop(run, run->output.gradient, run->input[0].gradient, true, begin * run->output.width,
         end * run->output.width);
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
