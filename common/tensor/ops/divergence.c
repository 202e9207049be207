/*
 * divergence: how far a member's distribution over classes is from the mixture's (Kullback-Leibler),
 * both softened by a temperature.
 *
 *   p = softmax(z / T)        q = softmax(y / T)        u = ln(p + e) - ln(q + e),  e = 1e-8
 *   L = sum_c p_c u_c
 *   dz = dL p (g - <p, g>) / T        g = u + p / (p + e)
 *   dy = dL q (h - <q, h>) / T        h = -p / (q + e)
 *
 *   z, y, dz, dy  [rows, classes]: the mixture's and the member's logits   L, dL  [rows, 1]
 *   p, q  [rows, classes], kept   g or h  [rows, classes], scratch
 *
 * Source: spec/models 9.1 and 9.2; gradients pass through both sides, as in the released code.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#define EPSILON ((real)1e-8) // of the released code: a probability that underflowed has a logarithm

enum { MIXTURE, MEMBER };

static bool shape(OpShape *op)
{
    Shape z = op_input(op, MIXTURE);
    double temperature = *(const double *)op_attributes(op);
    if (!shape_equal(z, op_input(op, MEMBER)) || z.rank != 1)
        return op_refuse(op, "mixture and member must have the same classes");
    if (!(temperature > 0))
        return op_refuse(op, "a temperature of %g; it must be above 0", temperature);
    return op_output(op, shape_rows(z.rows, 1)) && op_keep(op, z) && op_keep(op, z)
        && op_scratch(op, z);
}

static void soften(const real *z, real *p, size_t classes, real scale)
{
    real largest = real_maximum(z, classes);
    for (size_t c = 0; c < classes; c++)
        p[c] = real_exp((z[c] - largest) * scale);
    real share = 1 / real_sum(p, classes);
    for (size_t c = 0; c < classes; c++)
        p[c] *= share;
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    real scale = (real)(1 / *(const double *)run->attributes);
    size_t classes = run->input[MIXTURE].width;
    for (size_t row = begin; row < end; row++) {
        real *p = run->kept[MIXTURE] + row * classes, *q = run->kept[MEMBER] + row * classes;
        real *u = run->scratch[0] + row * classes;
        soften(row_of(&run->input[MIXTURE], row), p, classes, scale);
        soften(row_of(&run->input[MEMBER], row), q, classes, scale);
        for (size_t c = 0; c < classes; c++)
            u[c] = real_log(p[c] + EPSILON) - real_log(q[c] + EPSILON);
        run->output.data[row] = real_dot(p, u, classes);
    }
}

/* dz += factor p (g - <p, g>): the Jacobian of softmax. */
static void pass_softmax(real *dz, const real *p, const real *g, size_t classes, real factor)
{
    real along = real_dot(p, g, classes);
    for (size_t c = 0; c < classes; c++)
        dz[c] += factor * p[c] * (g[c] - along);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    real scale = (real)(1 / *(const double *)run->attributes);
    size_t classes = run->input[MIXTURE].width;
    for (size_t row = begin; row < end; row++) {
        const real *p = run->kept[MIXTURE] + row * classes, *q = run->kept[MEMBER] + row * classes;
        real *g = run->scratch[0] + row * classes, factor = run->output.gradient[row] * scale;
        if (run->input[MIXTURE].gradient) {
            for (size_t c = 0; c < classes; c++)
                g[c] =
                    real_log(p[c] + EPSILON) - real_log(q[c] + EPSILON) + p[c] / (p[c] + EPSILON);
            pass_softmax(gradient_of(&run->input[MIXTURE], row), p, g, classes, factor);
        }
        if (run->input[MEMBER].gradient) {
            for (size_t c = 0; c < classes; c++)
                g[c] = -p[c] / (q[c] + EPSILON);
            pass_softmax(gradient_of(&run->input[MEMBER], row), q, g, classes, factor);
        }
    }
}

static const Op op_divergence = {
    "divergence",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
};

Tensor divergence(Graph *g, Tensor mixture, Tensor member, double temperature)
{
    return graph_apply(g, &op_divergence, &temperature, sizeof temperature,
                       (Tensor[]){ mixture, member }, 2);
}
