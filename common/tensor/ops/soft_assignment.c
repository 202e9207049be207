/*
 * soft_assignment: frames assigned softly to clusters, in groups, times the attention of each group.
 * Replaces softmax, sigmoid and their product.
 *
 *   s_k  = e^(l_k - m) / sum_j e^(l_j - m)      m = max_k l_k
 *   a    = 1 / (1 + e^-b)                       w_k = a s_k
 *   dl_k = w_k (dw_k - <dw, s>)                 db = a (1 - a) <dw, s>
 *
 * Backward has s from w by 1 / a = 1 + e^-b, which is kept: it stays finite where a underflows.
 *
 *   l, w, dl, dw  [rows, groups, clusters]   b, db  [rows, groups]   1 / a  [rows, groups], kept
 *
 * Source: spec/models 5.1, steps 2, 4 and 5.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/vector.h"
#include "common/tensor/op.h"

#include <string.h>

enum { LOGITS, ATTENTION };

static bool shape(OpShape *op)
{
    Shape l = op_input(op, LOGITS), b = op_input(op, ATTENTION);
    if (l.rank != 2 || !shape_equal(shape_without_last(l), b))
        return op_refuse(op, "there must be one attention for each group of clusters");
    return op_output(op, l) && op_keep(op, b);
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    size_t groups = run->output.shape.axes[0], clusters = run->output.shape.axes[1];
    for (size_t i = begin * groups; i < end * groups; i++) {
        const real *l = run->input[LOGITS].data + i * clusters;
        real *w = run->output.data + i * clusters, largest = real_maximum(l, clusters);
        real inverse = 1 + real_exp(-run->input[ATTENTION].data[i]);
        for (size_t k = 0; k < clusters; k++)
            w[k] = real_exp(l[k] - largest);
        real scale = 1 / real_sum(w, clusters) / inverse;
        for (size_t k = 0; k < clusters; k++)
            w[k] *= scale;
        run->kept[0][i] = inverse;
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    size_t groups = run->output.shape.axes[0], clusters = run->output.shape.axes[1];
    real *all_dl = run->input[LOGITS].gradient, *db = run->input[ATTENTION].gradient;
    for (size_t i = begin * groups; i < end * groups; i++) {
        const real *w = run->output.data + i * clusters, *dw = run->output.gradient + i * clusters;
        real inverse = run->kept[0][i], along = real_dot(dw, w, clusters); // a <dw, s>
        real *dl = all_dl ? all_dl + i * clusters : NULL, mean = inverse * along;
        if (dl && !run->accumulate[LOGITS])
            memset(dl, 0, clusters * sizeof *dl);
        for (size_t k = 0; dl && k < clusters; k++)
            dl[k] += w[k] * (dw[k] - mean);
        if (db)
            db[i] += along * (1 - 1 / inverse);
    }
}

static const Op op_soft_assignment = {
    "soft_assignment",
    shape,
    .forward = { { OP_BY_ROW, forward } },
    .backward = { { OP_BY_ROW, backward } },
    .saves = OP_SAVES_OUTPUT,
    .overwrites = 1u << LOGITS,
};

Tensor soft_assignment(Graph *g, Tensor logits, Tensor attention)
{
    return graph_apply(g, &op_soft_assignment, NULL, 0, (Tensor[]){ logits, attention }, 2);
}
