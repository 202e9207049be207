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

#define MOST_EXPERTS 64               // published models use at most 8
#define CLASSES_AT_ONCE ((size_t)128) // their numbers stay in L1

static bool shape(OpShape *op)
{
    Shape g = op_input(op, GATES), e = op_input(op, EXPERTS);
    if (g.rank != 2 || e.rank != 2 || g.rows != e.rows || g.axes[0] != e.axes[0]
        || g.axes[1] != e.axes[1] + 1 || e.axes[1] == 0 || e.axes[1] > MOST_EXPERTS)
        return op_refuse(op, "there must be one gate more than experts (1 to %d)", MOST_EXPERTS);
    return op_output(op, shape_without_last(e)) && op_keep(op, g) && op_keep(op, e);
}

/* g_ck less the largest of its class: what e^x can't overflow for. */
static void shift(const real *g, size_t classes, size_t gates, real *shifted)
{
    for (size_t i = 0; i < classes; i++, g += gates, shifted += gates) {
        real largest = real_maximum(g, gates);
        for (size_t k = 0; k < gates; k++)
            shifted[k] = g[k] - largest;
    }
}

/* p of classes whose e^g and q are kept; makes pi of the former. */
static void mix(real *pi, const real *q, size_t classes, size_t M, real *p)
{
    for (size_t i = 0; i < classes; i++, pi += M + 1, q += M) {
        real sum = 0, own = 0;
        for (size_t k = 0; k <= M; k++)
            sum += pi[k];
        for (size_t k = 0; k <= M; k++)
            pi[k] /= sum;
        for (size_t k = 0; k < M; k++)
            own += pi[k] * q[k];
        p[i] = own;
    }
}

/* Some classes at a time: experts are too few for vectors, classes times experts are not. */
static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t M = run->input[EXPERTS].shape.axes[1], gates = M + 1, classes = run->output.width;
    for (size_t at = begin * classes, stop; at < end * classes; at = stop) {
        stop = at + CLASSES_AT_ONCE < end * classes ? at + CLASSES_AT_ONCE : end * classes;
        real *pi = run->kept[0] + at * gates, *q = run->kept[1] + at * M;
        const real *e = run->input[EXPERTS].data + at * M;
        shift(run->input[GATES].data + at * gates, stop - at, gates, pi);
        for (size_t i = 0; i < (stop - at) * gates; i++)
            pi[i] = real_exp(pi[i]);
        for (size_t i = 0; i < (stop - at) * M; i++)
            q[i] = real_sigmoid(e[i]);
        mix(pi, q, stop - at, M, run->output.data + at);
    }
}

static inline void give(real *to, real value, bool adds)
{
    *to = adds ? *to + value : value;
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    size_t M = run->input[EXPERTS].shape.axes[1], classes = run->output.width;
    real *dg = run->input[GATES].gradient, *de = run->input[EXPERTS].gradient;
    for (size_t i = begin * classes; i < end * classes; i++) {
        const real *pi = run->kept[0] + i * (M + 1), *q = run->kept[1] + i * M;
        real p = run->output.data[i], dp = run->output.gradient[i];
        for (size_t k = 0; dg && k <= M; k++)
            give(dg + i * (M + 1) + k, dp * pi[k] * ((k < M ? q[k] : 0) - p),
                 run->accumulate[GATES]);
        for (size_t k = 0; de && k < M; k++)
            give(de + i * M + k, dp * pi[k] * q[k] * (1 - q[k]), run->accumulate[EXPERTS]);
    }
}

static const Op op_mix_experts = {
    "mix_experts",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
    .overwrites = 1u << GATES | 1u << EXPERTS,
};

Tensor mix_experts(Graph *g, Tensor gates, Tensor experts)
{
    return graph_apply(g, &op_mix_experts, NULL, 0, (Tensor[]){ gates, experts }, 2);
}
