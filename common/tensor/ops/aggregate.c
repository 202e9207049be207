/*
 * aggregate: residuals to the clusters' centres, summed over the frames of each video.
 *
 *   V_fk  = sum_i w_ik x_if - m_k c_fk          m_k = sum_i w_ik      i: frames of the video, and groups
 *   dx_if = sum_k w_ik dV_fk                    dw_ik = sum_f x_if dV_fk - q_k,  q_k = sum_f c_fk dV_fk
 *   dc_fk = -sum over videos of m_k dV_fk
 *
 * A video is one product on one thread: they are small, and videos are many. A device that fuses has
 * the logits and the attention of soft_assignment in place of w.
 *
 *   x, dx  [frames, groups, f]   w, dw  [frames, groups, K]   c, dc  [f, K]
 *   V, dV  [batch, f, K]   m  [batch, K], kept   q  [batch, K], scratch
 *
 * Source: spec/models 5.1, steps 6 and 7.
 */
#include "common/tensor/ops.h"
#include "common/tensor/cpu/gemm.h"
#include "common/tensor/op.h"

#include <string.h>

enum { X, WEIGHTS, CENTRES, ATTENTION };
#define SOFTNESS 2 // numbers kept to make a vector's weights of its logits

static bool shape(OpShape *op)
{
    Shape x = op_input(op, X), w = op_input(op, WEIGHTS), c = op_input(op, CENTRES);
    if (!x.rows || !x.rows->parent || x.rank != 2 || w.rank != 2
        || !shape_equal(shape_without_last(x), shape_without_last(w)))
        return op_refuse(op,
                         "there must be one vector and one row of weights for each frame's group");
    if (c.rows || c.rank != 2 || c.axes[0] != x.axes[1] || c.axes[1] != w.axes[1])
        return op_refuse(op, "the centres must be as high as a vector and as wide as its weights");
    Shape sums = shape_rows(x.rows->parent, c.axes[1]);
    Shape V = { .rows = x.rows->parent, .rank = 2, .axes = { c.axes[0], c.axes[1] } };
    return op_output(op, V) && op_keep(op, sums) && op_scratch(op, sums)
        && (!op_has_input(op, ATTENTION)
            || op_keep(op, (Shape){ x.rows, 2, { x.axes[0], SOFTNESS } }));
}

/* The part of one video: its vectors, f and K apart. */
typedef struct Part {
    size_t first, count, f, K; // vectors: frames times groups
    Matrix x, w, V;
} Part;

static Matrix matrix(const real *data, size_t width)
{
    return (Matrix){ (real *)data, width, AS_IS };
}

static Matrix transposed(Matrix a)
{
    a.transpose = TRANSPOSED;
    return a;
}

static Part part_of(const OpRun *run, size_t video, const real *V)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS];
    Part part = { .f = x->shape.axes[1], .K = w->shape.axes[1] };
    size_t groups = x->shape.axes[0];
    part.first = x->offsets[video] * groups;
    part.count = x->offsets[video + 1] * groups - part.first;
    part.x = matrix(x->data + part.first * part.f, part.f);
    part.w = matrix(w->data + part.first * part.K, part.K);
    part.V = matrix(V + video * part.f * part.K, part.K);
    return part;
}

static void sum_weights(const Part *part, real *restrict m)
{
    memset(m, 0, part->K * sizeof *m);
    for (size_t i = 0; i < part->count; i++)
        for (size_t k = 0; k < part->K; k++)
            m[k] += part->w.data[i * part->K + k];
}

static void forward(const OpRun *run, size_t begin, size_t end)
{
    const real *c = run->input[CENTRES].data;
    for (size_t video = begin; video < end; video++) {
        Part part = part_of(run, video, run->output.data);
        real *m = run->kept[0] + video * part.K;
        sum_weights(&part, m);
        for (size_t f = 0; f < part.f; f++)
            for (size_t k = 0; k < part.K; k++)
                part.V.data[f * part.K + k] = -m[k] * c[f * part.K + k];
        gemm_serial(run->blas, part.f, part.K, part.count, transposed(part.x), part.w, 1, part.V);
    }
}

/* dw begins as -q in every row, or has it taken away. */
static void subtract_centres(const OpRun *run, const Part *part, real *restrict q, real *dw)
{
    const real *c = run->input[CENTRES].data, *dV = part->V.data;
    memset(q, 0, part->K * sizeof *q);
    for (size_t f = 0; f < part->f; f++)
        for (size_t k = 0; k < part->K; k++)
            q[k] += c[f * part->K + k] * dV[f * part->K + k];
    for (size_t i = 0; i < part->count; i++, dw += part->K) {
        if (!run->accumulate[WEIGHTS])
            memset(dw, 0, part->K * sizeof *dw);
        for (size_t k = 0; k < part->K; k++)
            dw[k] -= q[k];
    }
}

static void backward(const OpRun *run, size_t begin, size_t end)
{
    real *dx = run->input[X].gradient, *dw = run->input[WEIGHTS].gradient;
    for (size_t video = begin; video < end; video++) {
        Part part = part_of(run, video, run->output.gradient);
        size_t vectors = part.count, f = part.f, K = part.K;
        if (dw) {
            real *own = dw + part.first * K;
            subtract_centres(run, &part, run->scratch[0] + video * K, own);
            gemm_serial(run->blas, vectors, K, f, part.x, part.V, 1, matrix(own, K));
        }
        if (dx)
            gemm_serial(run->blas, vectors, f, K, part.w, transposed(part.V), run->accumulate[X],
                        matrix(dx + part.first * f, f));
    }
}

static void backward_centres(const OpRun *run, size_t begin, size_t end)
{
    real *dc = run->input[CENTRES].gradient;
    size_t K = run->input[CENTRES].shape.axes[1], videos = run->output.rows;
    for (size_t video = 0; dc && video < videos; video++) {
        const real *dV = gradient_of(&run->output, video), *m = run->kept[0] + video * K;
        for (size_t at = begin; at < end;) {
            size_t k = at % K, stop = at + (K - k) < end ? at + (K - k) : end;
            for (; at < stop; at++, k++)
                dc[at] -= m[k] * dV[at];
        }
    }
}

static double operations(const OpRun *run, bool backward)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS];
    double one = 2 * (double)x->rows * (double)x->width * (double)w->shape.axes[1];
    size_t gradients = (x->gradient != NULL) + (w->gradient != NULL);
    return backward ? one * (double)gradients : one;
}

static const Op op_aggregate = {
    "aggregate",
    shape,
    .forward = { { OP_BY_GROUP, forward } },
    .backward = { { OP_BY_GROUP, backward }, { OP_BY_COLUMN, backward_centres } },
    .saves = OP_SAVES_INPUTS,
    .overwrites = 1u << X | 1u << WEIGHTS,
    .absorbs = "soft_assignment",
    .absorbed = WEIGHTS,
    .operations = operations,
};

Tensor aggregate(Graph *g, Tensor x, Tensor weights, Tensor centres)
{
    return graph_apply(g, &op_aggregate, NULL, 0, (Tensor[]){ x, weights, centres }, 3);
}
