/*
 * probability_cross_entropy: binary cross entropy of probabilities, summed over classes.
 *
 *   L  = -sum_c y_c ln(p_c + epsilon) + (w_c - y_c) ln(1 - p_c + epsilon)
 *   dp = dL ((w - y) / (1 - p + epsilon) - y / (p + epsilon))
 *
 *   p, y, w, dp  [rows, classes]   L, dL  [rows, 1]   w is 1 where there are no weights
 *
 * Source: spec/data-and-metrics 6.4, spec/models 4.1, 4.2 and 15.1.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

enum { PROBABILITIES, TARGETS, WEIGHTS };

static bool shape(OpShape *op)
{
    Shape p = op_input(op, PROBABILITIES);
    if (!shape_equal(p, op_input(op, TARGETS))
        || (op_has_input(op, WEIGHTS) && !shape_equal(p, op_input(op, WEIGHTS))))
        return op_refuse(op, "probabilities, targets and weights must have one shape");
    return op_output(op, shape_rows(p.rows, 1)) && op_scratch(op, p);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    real epsilon = (real) * (const double *)run->attributes;
    size_t classes = run->input[PROBABILITIES].width;
    for (size_t row = begin; row < end; row++) {
        const real *p = row_of(&run->input[PROBABILITIES], row);
        const real *y = row_of(&run->input[TARGETS], row);
        const real *w = run->input[WEIGHTS].data ? row_of(&run->input[WEIGHTS], row) : NULL;
        real *term = run->scratch[0] + row * classes;
        for (size_t c = 0; !w && c < classes; c++) // two loops without a choice inside vectorise
            term[c] = -y[c] * real_log(p[c] + epsilon) - (1 - y[c]) * real_log(1 - p[c] + epsilon);
        for (size_t c = 0; w && c < classes; c++)
            term[c] =
                -y[c] * real_log(p[c] + epsilon) - (w[c] - y[c]) * real_log(1 - p[c] + epsilon);
        run->output.data[row] = real_sum(term, classes);
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    real epsilon = (real) * (const double *)run->attributes;
    for (size_t row = begin; row < end; row++) {
        const real *p = row_of(&run->input[PROBABILITIES], row);
        const real *y = row_of(&run->input[TARGETS], row);
        const real *w = run->input[WEIGHTS].data ? row_of(&run->input[WEIGHTS], row) : NULL;
        real *dp = gradient_of(&run->input[PROBABILITIES], row), dL = run->output.gradient[row];
        for (size_t c = 0; c < run->input[PROBABILITIES].width; c++)
            dp[c] +=
                dL * (((w ? w[c] : 1) - y[c]) / (1 - p[c] + epsilon) - y[c] / (p[c] + epsilon));
    }
}

static const Op op_probability_cross_entropy = {
    "probability_cross_entropy",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_INPUTS,
};

Tensor probability_cross_entropy(Graph *g, Tensor probabilities, Tensor targets, Tensor weights,
                                 double epsilon)
{
    return graph_apply(g, &op_probability_cross_entropy, &epsilon, sizeof epsilon,
                       (Tensor[]){ probabilities, targets, weights }, 3);
}
