/*
 * aggregate_expanded: aggregate, of vectors that are a linear map of the frames, with the map
 * behind the sum: frames are pooled as they are, and what was pooled is mapped, once a video.
 *
 *   V_fk = sum_ig w_igk (x_i E_g + b_g)_f - m_k c_fk    is, since that is linear in x_i,
 *
 *   P_kg = sum_i w_igk x_i       S_kg = sum_i w_igk     m_k = sum_g S_kg    over the video's frames
 *   U_k  = sum_g P_kg E_g + S_kg b_g                    V_fk = U_kf - m_k c_fk
 *
 *   dU_kf  = dV_fk               q_k = sum_f c_fk dV_fk
 *   dP_kg  = dU_k E_g^T          dS_kg = <dU_k, b_g> - q_k
 *   dw_igk = <x_i, dP_kg> + dS_kg                       dx_i = sum_gk w_igk dP_kg
 *   dE_g = sum P_kg^T dU_k       db_g = sum S_kg dU_k                over videos and k
 *   dc_fk = -sum m_k dV_fk                                            over videos
 *
 * Pooling is one product a video, on one thread; the map is one product for all videos. A device that
 * fuses has the logits and the attention of soft_assignment in place of w.
 *
 *   x, dx  [frames, N]   w, dw  [frames, G, K]   E, dE  [G, N, f]   b, db  [G, f]   c, dc  [f, K]
 *   V, dV  [batch, f, K]   kept: P, whose place dP takes, [batch, K, G, N], S  [batch, K, G],
 *   m  [batch, K]   scratch: w with its clusters outermost  [frames, K, G], U, dU  [batch, K, f],
 *   dS  [batch, K, G]
 *
 * Source: spec/models 5.1, steps 1, 6 and 7.
 */
#include "common/tensor/cpu/gemm.h"
#include "common/tensor/op.h"
#include "common/tensor/ops.h"

#include <string.h>

enum { X, WEIGHTS, EXPANSION, BIAS, CENTRES, ATTENTION };
enum { POOLED, SUMS, MASSES };
enum { TURNED_WEIGHTS, EXPANDED, SUM_GRADIENTS };
#define SOFTNESS 2 // numbers kept to make a vector's weights of its logits

static bool shape(OpShape *op)
{
    Shape x = op_input(op, X), w = op_input(op, WEIGHTS), E = op_input(op, EXPANSION);
    Shape b = op_input(op, BIAS), c = op_input(op, CENTRES);
    if (!x.rows || !x.rows->parent || x.rank != 1 || w.rows != x.rows || w.rank != 2)
        return op_refuse(op, "there must be weights of groups and clusters for each frame");
    size_t N = x.axes[0], G = w.axes[0], K = w.axes[1];
    if (E.rows || E.rank != 3 || E.axes[0] != G || E.axes[1] != N)
        return op_refuse(op, "each group needs a map as high as a frame is wide");
    size_t f = E.axes[2];
    if (!shape_equal(b, shape_matrix(G, f)) || !shape_equal(c, shape_matrix(f, K)))
        return op_refuse(op, "bias and centres must be as wide and as high as what is mapped");
    const Rows *batch = x.rows->parent;
    Shape sums = { batch, 2, { K, G } };
    return op_output(op, (Shape){ batch, 2, { f, K } })
        && op_keep(op, (Shape){ batch, 3, { K, G, N } }) && op_keep(op, sums)
        && op_keep(op, shape_rows(batch, K)) && op_scratch(op, (Shape){ x.rows, 2, { K, G } })
        && op_scratch(op, (Shape){ batch, 2, { K, f } }) && op_scratch(op, sums)
        && (!op_has_input(op, ATTENTION) || op_keep(op, (Shape){ x.rows, 2, { G, SOFTNESS } }));
}

typedef struct Sizes {
    size_t N, G, K, f;
} Sizes;

static Sizes sizes_of(const OpRun *run)
{
    const size_t *E = run->input[EXPANSION].shape.axes;
    return (Sizes){ E[1], E[0], run->output.shape.axes[1], E[2] };
}

static Matrix matrix(const real *data, size_t width)
{
    return (Matrix){ (real *)data, width, AS_IS };
}

static Matrix transposed(const real *data, size_t width)
{
    return (Matrix){ (real *)data, width, TRANSPOSED };
}

/* What is made of videos, K rows of each. */
static Slices slices_of(const OpRun *run)
{
    return (Slices){ run->output.slices, run->output.slice_count, sizes_of(run).K };
}

/* The frames of one video: the first, and their number. */
typedef struct Part {
    size_t first, count;
} Part;

static Part part_of(const OpRun *run, size_t video)
{
    const uint32_t *offsets = run->input[X].offsets;
    return (Part){ offsets[video], offsets[video + 1] - offsets[video] };
}

/* A video's w with its clusters outermost. */
static real *turn_weights(const OpRun *run, Part part)
{
    Sizes s = sizes_of(run);
    real *turned = run->scratch[TURNED_WEIGHTS] + part.first * s.K * s.G;
    for (size_t i = 0; i < part.count; i++) {
        const real *w = row_of(&run->input[WEIGHTS], part.first + i);
        real *to = turned + i * s.K * s.G;
        for (size_t g = 0; g < s.G; g++)
            for (size_t k = 0; k < s.K; k++)
                to[k * s.G + g] = w[g * s.K + k];
    }
    return turned;
}

/* ---- forward ---- */

static void sum_weights(const real *restrict turned, size_t count, Sizes s, real *restrict sums,
                        real *restrict masses)
{
    memset(sums, 0, s.K * s.G * sizeof *sums);
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < s.K * s.G; j++)
            sums[j] += turned[i * s.K * s.G + j];
    for (size_t k = 0; k < s.K; k++) {
        masses[k] = 0;
        for (size_t g = 0; g < s.G; g++)
            masses[k] += sums[k * s.G + g];
    }
}

static void pool(const OpRun *run, size_t begin, size_t end)
{
    Sizes s = sizes_of(run);
    size_t each = s.K * s.G;
    for (size_t video = begin; video < end; video++) {
        Part part = part_of(run, video);
        const real *x = row_of(&run->input[X], part.first), *turned = turn_weights(run, part);
        sum_weights(turned, part.count, s, run->kept[SUMS] + video * each,
                    run->kept[MASSES] + video * s.K);
        gemm_serial(run->blas, each, s.N, part.count, transposed(turned, each), matrix(x, s.N), 0,
                    matrix(run->kept[POOLED] + video * each * s.N, s.N));
    }
}

static void expand(const OpRun *run, size_t begin, size_t end)
{
    Sizes s = sizes_of(run);
    size_t height = run->output.rows * s.K;
    Matrix U = matrix(run->scratch[EXPANDED], s.f);
    (void)begin, (void)end;
    gemm_by_slices(run->blas, slices_of(run), height, s.f, s.G, matrix(run->kept[SUMS], s.G),
                   matrix(run->input[BIAS].data, s.f), NULL, 0, U);
    gemm_by_slices(run->blas, slices_of(run), height, s.f, s.G * s.N,
                   matrix(run->kept[POOLED], s.G * s.N), matrix(run->input[EXPANSION].data, s.f),
                   NULL, 1, U);
}

static void subtract_centres(const OpRun *run, size_t begin, size_t end)
{
    Sizes s = sizes_of(run);
    const real *c = run->input[CENTRES].data;
    for (size_t video = begin; video < end; video++) {
        const real *U = run->scratch[EXPANDED] + video * s.K * s.f;
        const real *m = run->kept[MASSES] + video * s.K;
        real *V = row_of(&run->output, video);
        for (size_t f = 0; f < s.f; f++)
            for (size_t k = 0; k < s.K; k++)
                V[f * s.K + k] = U[k * s.f + f] - m[k] * c[f * s.K + k];
    }
}

/* ---- backward ---- */

/* dU, and of dS what the centres give. */
static void turn_gradient(const OpRun *run, size_t begin, size_t end)
{
    Sizes s = sizes_of(run);
    const real *c = run->input[CENTRES].data;
    for (size_t video = begin; video < end; video++) {
        const real *dV = gradient_of(&run->output, video);
        real *dU = run->scratch[EXPANDED] + video * s.K * s.f;
        real *dS = run->scratch[SUM_GRADIENTS] + video * s.K * s.G;
        for (size_t k = 0; k < s.K; k++) {
            real q = 0;
            for (size_t f = 0; f < s.f; f++) {
                dU[k * s.f + f] = dV[f * s.K + k];
                q += c[f * s.K + k] * dV[f * s.K + k];
            }
            for (size_t g = 0; g < s.G; g++)
                dS[k * s.G + g] = -q;
        }
    }
}

static void backward_expand(const OpRun *run, size_t begin, size_t end)
{
    Sizes s = sizes_of(run);
    size_t height = run->output.rows * s.K, pooled = s.G * s.N;
    const OpTensor *E = &run->input[EXPANSION], *b = &run->input[BIAS];
    Matrix dU = matrix(run->scratch[EXPANDED], s.f);
    real *P = run->kept[POOLED];
    Slices slices = slices_of(run);
    (void)begin, (void)end;
    if (E->gradient)
        gemm_over_slices(run->blas, slices, pooled, s.f, height, transposed(P, pooled), dU,
                         run->accumulate[EXPANSION], matrix(E->gradient, s.f));
    if (b->gradient)
        gemm_over_slices(run->blas, slices, s.G, s.f, height, transposed(run->kept[SUMS], s.G), dU,
                         run->accumulate[BIAS], matrix(b->gradient, s.f));
    gemm_by_slices(run->blas, slices, height, s.G, s.f, dU, transposed(b->data, s.f), NULL, 1,
                   matrix(run->scratch[SUM_GRADIENTS], s.G));
    gemm_by_slices(run->blas, slices, height, pooled, s.f, dU, transposed(E->data, s.f), NULL, 0,
                   matrix(P, pooled));
}

/* dw from its products with x, whose clusters are outermost. */
static void give_weights(const OpRun *run, size_t video, Part part, const real *turned)
{
    Sizes s = sizes_of(run);
    bool adds = run->accumulate[WEIGHTS];
    const real *dS = run->scratch[SUM_GRADIENTS] + video * s.K * s.G;
    for (size_t i = 0; i < part.count; i++, turned += s.K * s.G) {
        real *dw = gradient_of(&run->input[WEIGHTS], part.first + i);
        for (size_t g = 0; g < s.G; g++)
            for (size_t k = 0; k < s.K; k++) {
                real own = turned[k * s.G + g] + dS[k * s.G + g];
                dw[g * s.K + k] = adds ? dw[g * s.K + k] + own : own;
            }
    }
}

static void backward_pool(const OpRun *run, size_t begin, size_t end)
{
    Sizes s = sizes_of(run);
    const OpTensor *x = &run->input[X];
    size_t each = s.K * s.G;
    for (size_t video = begin; video < end; video++) {
        Part part = part_of(run, video);
        const real *dP = run->kept[POOLED] + video * each * s.N;
        real *turned = run->scratch[TURNED_WEIGHTS] + part.first * each;
        if (x->gradient)
            gemm_serial(run->blas, part.count, s.N, each, matrix(turn_weights(run, part), each),
                        matrix(dP, s.N), run->accumulate[X],
                        matrix(gradient_of(x, part.first), s.N));
        if (!run->input[WEIGHTS].gradient)
            continue;
        gemm_serial(run->blas, part.count, each, s.N, matrix(row_of(x, part.first), s.N),
                    transposed(dP, s.N), 0, matrix(turned, each));
        give_weights(run, video, part, turned);
    }
}

static void backward_centres(const OpRun *run, size_t begin, size_t end)
{
    real *dc = run->input[CENTRES].gradient;
    size_t K = sizes_of(run).K;
    for (size_t video = 0; dc && video < run->output.rows; video++) {
        const real *dV = gradient_of(&run->output, video), *m = run->kept[MASSES] + video * K;
        for (size_t at = begin; at < end; at++)
            dc[at] -= m[at % K] * dV[at];
    }
}

static double operations(const OpRun *run, bool backward)
{
    Sizes s = sizes_of(run);
    const OpTensor *in = run->input;
    double pairs = (double)(s.K * s.G), maps = 2 * (double)run->output.rows * pairs * (double)s.f;
    double pooling = 2 * (double)in[X].rows * (double)s.N * pairs, expansion = maps * (double)s.N;
    if (!backward)
        return pooling + expansion + maps;
    size_t poolings = (in[X].gradient != NULL) + (in[WEIGHTS].gradient != NULL);
    size_t of_expansion = 1 + (in[EXPANSION].gradient != NULL);
    size_t of_bias = 1 + (in[BIAS].gradient != NULL);
    return pooling * (double)poolings + expansion * (double)of_expansion + maps * (double)of_bias;
}

static const Op op_aggregate_expanded = {
    "aggregate_expanded",
    shape,
    .forward = { { OP_BY_GROUP, pool }, { OP_WHOLE, expand }, { OP_BY_ROW, subtract_centres } },
    .backward = { { OP_BY_ROW, turn_gradient },
                  { OP_WHOLE, backward_expand },
                  { OP_BY_GROUP, backward_pool },
                  { OP_BY_COLUMN, backward_centres } },
    .saves = OP_SAVES_INPUTS,
    .overwrites = 1u << X | 1u << WEIGHTS | 1u << EXPANSION | 1u << BIAS,
    .multiplies = OP_SAVES_INPUT(EXPANSION) | OP_SAVES_INPUT(BIAS),
    .absorbs = "soft_assignment",
    .absorbed = WEIGHTS,
    .operations = operations,
};

Tensor aggregate_expanded(Graph *g, Tensor x, Tensor weights, Tensor expansion, Tensor bias,
                          Tensor centres)
{
    return graph_apply(g, &op_aggregate_expanded, NULL, 0,
                       (Tensor[]){ x, weights, expansion, bias, centres }, 5);
}
