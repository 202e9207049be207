/*
 * mix_experts: a mixture of experts for every class, with a dummy that always answers 0.
 *
 *   pi  = softmax over k = 0 .. M of g_ck        q_ck = sigmoid(e_ck), k < M; k = M is the dummy
 *   p_c = sum_(k < M) pi_ck q_ck
 *   dg_ck = dp_c pi_ck (q_ck - p_c), with q_cM = 0        de_ck = dp_c pi_ck q_ck (1 - q_ck)
 *
 *   g, dg  [rows, classes, M + 1]   e, de  [rows, classes, M]   p, dp  [rows, classes]
 *
 * Source: spec/models 3.2; Jordan and Jacobs as in the organisers' starter code.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

enum { GATES, EXPERTS };

#define MOST_EXPERTS 64 // on the stack; published models use at most 8

static bool shape(OpShape *op)
{
    Shape g = op_input(op, GATES), e = op_input(op, EXPERTS);
    if (g.rank != 2 || e.rank != 2 || g.rows != e.rows || g.axes[0] != e.axes[0]
        || g.axes[1] != e.axes[1] + 1 || e.axes[1] == 0 || e.axes[1] > MOST_EXPERTS)
        return op_refuse(op, "there must be one gate more than experts (1 to %d)", MOST_EXPERTS);
    return op_output(op, shape_without_last(e)) && op_keep(op, g) && op_keep(op, e);
}

/* pi and q of one class, kept; returns p. */
static real mix(const real *g, const real *e, size_t M, real *pi, real *q)
{
    real largest = real_maximum(g, M + 1), sum = 0, p = 0;
    for (size_t k = 0; k <= M; k++)
        sum += pi[k] = real_exp(g[k] - largest);
    for (size_t k = 0; k <= M; k++)
        pi[k] /= sum;
    for (size_t k = 0; k < M; k++) {
        q[k] = real_sigmoid(e[k]);
        p += pi[k] * q[k];
    }
    return p;
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t M = run->input[EXPERTS].shape.axes[1], classes = run->output.width;
    for (size_t i = begin * classes; i < end * classes; i++)
        run->output.data[i] =
            mix(run->input[GATES].data + i * (M + 1), run->input[EXPERTS].data + i * M, M,
                run->kept[0] + i * (M + 1), run->kept[1] + i * M);
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    size_t M = run->input[EXPERTS].shape.axes[1], classes = run->output.width;
    real *dg = run->input[GATES].gradient, *de = run->input[EXPERTS].gradient;
    for (size_t i = begin * classes; i < end * classes; i++) {
        const real *pi = run->kept[0] + i * (M + 1), *q = run->kept[1] + i * M;
        real p = run->output.data[i], dp = run->output.gradient[i];
        for (size_t k = 0; dg && k <= M; k++)
            dg[i * (M + 1) + k] += dp * pi[k] * ((k < M ? q[k] : 0) - p);
        for (size_t k = 0; de && k < M; k++)
            de[i * M + k] += dp * pi[k] * q[k] * (1 - q[k]);
    }
}

static const Op op_mix_experts = {
    "mix_experts",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
};

Tensor mix_experts(Graph *g, Tensor gates, Tensor experts)
{
    return graph_apply(g, &op_mix_experts, NULL, 0, (Tensor[]){ gates, experts }, 2);
}
