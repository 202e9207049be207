/*
 * logit_cross_entropy: binary cross entropy of logits, summed over classes.
 *
 *   L  = sum_c w_c (max(z_c, 0) + ln(1 + e^-|z_c|)) - z_c y_c
 *   dz = dL (w sigmoid(z) - y)
 *
 *   z, y, w, dz  [rows, classes]   L, dL  [rows, 1]   w is 1 where there are no weights
 *
 * Source: spec/models 4.1, 4.2 and 15.1.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

enum { LOGITS, TARGETS, WEIGHTS };

static bool shape(OpShape *op)
{
    Shape z = op_input(op, LOGITS);
    if (!shape_equal(z, op_input(op, TARGETS))
        || (op_has_input(op, WEIGHTS) && !shape_equal(z, op_input(op, WEIGHTS))))
        return op_refuse(op, "logits, targets and weights must have one shape");
    return op_output(op, shape_rows(z.rows, 1)) && op_scratch(op, z);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t classes = run->input[LOGITS].width;
    for (size_t row = begin; row < end; row++) {
        const real *z = row_of(&run->input[LOGITS], row), *y = row_of(&run->input[TARGETS], row);
        const real *w = run->input[WEIGHTS].data ? row_of(&run->input[WEIGHTS], row) : NULL;
        real *term = run->scratch[0] + row * classes;
        for (size_t c = 0; !w && c < classes; c++) // two loops without a choice inside vectorise
            term[c] = real_softplus(z[c]) - z[c] * y[c];
        for (size_t c = 0; w && c < classes; c++)
            term[c] = w[c] * real_softplus(z[c]) - z[c] * y[c];
        run->output.data[row] = real_sum(term, classes);
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    for (size_t row = begin; row < end; row++) {
        const real *z = row_of(&run->input[LOGITS], row), *y = row_of(&run->input[TARGETS], row);
        const real *w = run->input[WEIGHTS].data ? row_of(&run->input[WEIGHTS], row) : NULL;
        real *dz = gradient_of(&run->input[LOGITS], row), dL = run->output.gradient[row];
        size_t classes = run->input[LOGITS].width;
        for (size_t c = 0; !w && c < classes; c++)
            dz[c] += dL * (real_sigmoid(z[c]) - y[c]);
        for (size_t c = 0; w && c < classes; c++)
            dz[c] += dL * (w[c] * real_sigmoid(z[c]) - y[c]);
    }
}

static const Op op_logit_cross_entropy = {
    "logit_cross_entropy",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_INPUTS,
};

Tensor logit_cross_entropy(Graph *g, Tensor logits, Tensor targets, Tensor weights)
{
    return graph_apply(g, &op_logit_cross_entropy, NULL, 0, (Tensor[]){ logits, targets, weights },
                       3);
}
