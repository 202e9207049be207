/*
 * probability_cross_entropy: binary cross entropy of probabilities, summed over classes.
 *
 *   L  = -sum_c m_c (y_c ln(p_c + epsilon) + (1 - y_c) ln(1 - p_c + epsilon))
 *   dp = dL m ((1 - y) / (1 - p + epsilon) - y / (p + epsilon))
 *
 *   p, y, m, dp  [rows, classes]   L, dL  [rows, 1]   m is 1 where there is no mask
 *
 * Source: spec/data-and-metrics 6.4, spec/models 4.1 and 4.2.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

enum { PROBABILITIES, TARGETS, MASK };

static bool shape(OpShape *op)
{
    Shape p = op_input(op, PROBABILITIES);
    if (!shape_equal(p, op_input(op, TARGETS))
        || (op_has_input(op, MASK) && !shape_equal(p, op_input(op, MASK))))
        return op_refuse(op, "probabilities, targets and mask must have one shape");
    return op_output(op, shape_rows(p.rows, 1)) && op_scratch(op, p);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    real epsilon = (real) * (const double *)run->attributes;
    size_t classes = run->input[PROBABILITIES].width;
    for (size_t row = begin; row < end; row++) {
        const real *p = row_of(&run->input[PROBABILITIES], row);
        const real *y = row_of(&run->input[TARGETS], row);
        const real *m = run->input[MASK].data ? row_of(&run->input[MASK], row) : NULL;
        real *term = run->scratch[0] + row * classes;
        for (size_t c = 0; c < classes; c++)
            term[c] = -y[c] * real_log(p[c] + epsilon) - (1 - y[c]) * real_log(1 - p[c] + epsilon);
        for (size_t c = 0; m && c < classes; c++)
            term[c] *= m[c];
        run->output.data[row] = real_sum(term, classes);
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    real epsilon = (real) * (const double *)run->attributes;
    for (size_t row = begin; row < end; row++) {
        const real *p = row_of(&run->input[PROBABILITIES], row);
        const real *y = row_of(&run->input[TARGETS], row);
        const real *m = run->input[MASK].data ? row_of(&run->input[MASK], row) : NULL;
        real *dp = gradient_of(&run->input[PROBABILITIES], row), dL = run->output.gradient[row];
        for (size_t c = 0; c < run->input[PROBABILITIES].width; c++)
            dp[c] +=
                dL * (m ? m[c] : 1) * ((1 - y[c]) / (1 - p[c] + epsilon) - y[c] / (p[c] + epsilon));
    }
}

static const Op op_probability_cross_entropy = {
    "probability_cross_entropy",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_INPUTS,
};

Tensor probability_cross_entropy(Graph *g, Tensor probabilities, Tensor targets, Tensor mask,
                                 double epsilon)
{
    return graph_apply(g, &op_probability_cross_entropy, &epsilon, sizeof epsilon,
                       (Tensor[]){ probabilities, targets, mask }, 3);
}
