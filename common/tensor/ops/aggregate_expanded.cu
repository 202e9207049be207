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
 * Pooling is one product for each group of a video, in tiles; the map is one product for all videos. With
 * attention, w is made of logits where it is read: cuda/weights.cuh.
 *
 *   x, dx  [frames, N]   w, dw  [frames, G, K]   E, dE  [G, N, f]   b, db  [G, f]   c, dc  [f, K]
 *   V, dV  [batch, f, K]   kept: P, whose place dP takes, [batch, K, G, N], S  [batch, K, G],
 *   m  [batch, K]   scratch: U, dU  [batch, K, f], dS  [batch, K, G]
 *
 * Source: spec/models 5.1, steps 1, 6 and 7.
 */
#include "common/tensor/cuda/by_video.cuh"
#include "common/tensor/cuda/centres.cuh"
#include "common/tensor/cuda/gemm.h"
#include "common/tensor/cuda/weights.cuh"

namespace
{

enum { X, WEIGHTS, EXPANSION, BIAS, CENTRES, ATTENTION };
enum { POOLED, SUMS, MASSES, SOFTNESS };
enum { TURNED_WEIGHTS, EXPANDED, SUM_GRADIENTS }; // weights are turned where they are read

struct Sizes {
    unsigned N, G, K, f;
};

/* ---- products by video ---- */

/* What belongs to one group of one video. */
struct Group {
    Sizes s;
    unsigned frames;
    Weights w; // of the group's vectors
    const float *x;
    float *dx, *P, *S, *dS; // of its pooled vectors: dP in P's place
    bool dx_adds;

    /* Of cluster k: its row of P, and its element of S, among those of all groups. */
    __device__ size_t row(unsigned k) const
    {
        return (size_t)k * s.G;
    }
};

struct Groups {
    const uint32_t *offsets;
    Group all; // frames is set for each

    __device__ Group of(size_t video, size_t g) const
    {
        Group own = all;
        size_t first = offsets[video], sums = video * own.s.K * own.s.G + g;
        own.frames = offsets[video + 1] - offsets[video];
        own.w = own.w.of(first * own.s.G + g, own.s.G);
        own.x += first * own.s.N;
        own.dx += own.dx ? first * own.s.N : 0;
        own.P += sums * own.s.N;
        own.S += sums;
        own.dS += sums;
        return own;
    }
};

/* P_kg = sum_i w_igk x_i; S_kg is what a row of w sums to. */
struct Pool : Group {
    __device__ Extent extent() const
    {
        return { s.K, s.N, frames };
    }

    __device__ float a(unsigned k, unsigned i) const
    {
        return w.at(i, k);
    }

    __device__ float b(unsigned i, unsigned n) const
    {
        return x[(size_t)i * s.N + n];
    }

    __device__ void put(unsigned k, unsigned n, float sum, float mass) const
    {
        P[row(k) * s.N + n] = sum;
        if (n == 0)
            S[row(k)] = mass;
    }
};

/* dw_igk = <x_i, dP_kg> + dS_kg */
struct ToWeights : Group {
    __device__ Extent extent() const
    {
        return { frames, s.K, s.N };
    }

    __device__ float a(unsigned i, unsigned n) const
    {
        return x[(size_t)i * s.N + n];
    }

    __device__ float b(unsigned n, unsigned k) const
    {
        return P[row(k) * s.N + n];
    }

    __device__ float shift(unsigned k) const
    {
        return dS[row(k)];
    }

    __device__ const Weights &weights() const
    {
        return w;
    }

    __device__ void put(unsigned i, unsigned k, float sum, float) const
    {
        w.give_weight(i, k, sum + shift(k));
    }
};

/* dx_i = sum_gk w_igk dP_kg: of the first group, whose rows the other groups' follow. */
struct ToFrames : Group {
    __device__ Extent extent() const
    {
        return { frames, s.N, s.G * s.K };
    }

    __device__ float a(unsigned i, unsigned pair) const
    {
        return w.of(pair % s.G, s.G).at(i, pair / s.G);
    }

    __device__ float b(unsigned pair, unsigned n) const
    {
        return P[(size_t)pair * s.N + n];
    }

    __device__ void put(unsigned i, unsigned n, float sum, float) const
    {
        give(dx + (size_t)i * s.N + n, sum, dx_adds);
    }
};

Groups groups_of(const OpRun *run)
{
    const size_t *E = run->input[EXPANSION].shape.axes;
    const OpTensor *x = &run->input[X];
    Group all = {};
    all.s = { (unsigned)E[1], (unsigned)E[0], (unsigned)run->output.shape.axes[1], (unsigned)E[2] };
    all.w = weights_of(run, WEIGHTS, ATTENTION, run->kept[SOFTNESS]);
    all.x = x->data;
    all.dx = x->gradient;
    all.dx_adds = run->accumulate[X];
    all.P = run->kept[POOLED];
    all.S = run->kept[SUMS];
    all.dS = run->scratch[SUM_GRADIENTS];
    return Groups{ x->offsets, all };
}

/* ---- products of all videos ---- */

/* Of each video K rows of so many numbers. */
CudaFactor clusters_of(const OpRun *run, float *data, size_t width, char **space)
{
    size_t K = run->output.shape.axes[1];
    CudaMatrix rows = { data, run->output.rows * K, width, run->output.count, K, nullptr, false };
    return cuda_factor(run, rows, space);
}

__global__ void sum_groups(Elements all, size_t K, size_t G, const float *S, float *m)
{
    FOR_ROWS (video, all)
        FOR_COLUMNS (k, K) {
            const float *own = S + (video * K + k) * G;
            float sum = 0;
            for (size_t g = 0; g < G; g++)
                sum += own[g];
            m[video * K + k] = sum;
        }
}

__global__ void subtract_centres(Elements all, Sizes s, const float *U, const float *m,
                                 const float *c, float *V)
{
    FOR_ROWS (video, all)
        FOR_COLUMNS (at, all.width) {
            size_t f = at / s.K, k = at % s.K;
            V[video * all.width + at] = U[(video * s.K + k) * s.f + f] - m[video * s.K + k] * c[at];
        }
}

void forward(const OpRun *run)
{
    Groups all = groups_of(run);
    Sizes s = all.all.s;
    const OpTensor *V = &run->output, *E = &run->input[EXPANSION], *b = &run->input[BIAS];
    float *P = run->kept[POOLED], *S = run->kept[SUMS], *U = run->scratch[EXPANDED];
    char *space = (char *)run->workspace;
    prepare_weights(run, all.all.w, WEIGHTS);
    by_video<Pool>(run, all, s.K, s.N, s.G);
    LAUNCH_ROWS(sum_groups, run, V, s.K, s.G, S, run->kept[MASSES]);
    cuda_gemm(run, clusters_of(run, S, s.G, &space), cuda_factor(run, cuda_rows(b, s.f), &space),
              nullptr, false, U);
    cuda_gemm(run, clusters_of(run, P, (size_t)s.G * s.N, &space),
              cuda_factor(run, cuda_rows(E, s.f), &space), nullptr, true, U);
    LAUNCH_ROWS(subtract_centres, run, V, s, U, run->kept[MASSES], run->input[CENTRES].data,
                V->data);
}

/* dU, and of dS what the centres give: a thread for each cluster of a video. */
__global__ void turn_gradient(Elements all, Sizes s, const float *c, const float *dVs, float *dU,
                              float *dS)
{
    FOR_ROWS (video, all)
        FOR_COLUMNS (k, s.K) {
            const float *dV = dVs + video * all.width;
            size_t row = video * s.K + k;
            float q = 0;
            for (size_t f = 0; f < s.f; f++) {
                dU[row * s.f + f] = dV[f * s.K + k];
                q += c[f * s.K + k] * dV[f * s.K + k];
            }
            for (size_t g = 0; g < s.G; g++)
                dS[row * s.G + g] = -q;
        }
}

void backward_expand(const OpRun *run, Sizes s)
{
    const OpTensor *E = &run->input[EXPANSION], *b = &run->input[BIAS];
    float *P = run->kept[POOLED], *S = run->kept[SUMS];
    size_t pooled = (size_t)s.G * s.N;
    char *space = (char *)run->workspace;
    CudaFactor dU = clusters_of(run, run->scratch[EXPANDED], s.f, &space);
    CudaFactor of_E = cuda_factor(run, cuda_rows(E, s.f), &space);
    CudaFactor of_b = cuda_factor(run, cuda_rows(b, s.f), &space);
    if (E->gradient)
        cuda_gemm(run, cuda_transposed(clusters_of(run, P, pooled, &space)), dU, nullptr,
                  run->accumulate[EXPANSION], E->gradient);
    if (b->gradient)
        cuda_gemm(run, cuda_transposed(clusters_of(run, S, s.G, &space)), dU, nullptr,
                  run->accumulate[BIAS], b->gradient);
    cuda_gemm(run, dU, cuda_transposed(of_b), nullptr, true, run->scratch[SUM_GRADIENTS]);
    cuda_gemm(run, dU, cuda_transposed(of_E), nullptr, false, P);
}

void backward(const OpRun *run)
{
    Groups all = groups_of(run);
    Sizes s = all.all.s;
    const OpTensor *x = &run->input[X], *V = &run->output, *c = &run->input[CENTRES];
    LAUNCH_ROWS(turn_gradient, run, V, s, c->data, V->gradient, run->scratch[EXPANDED],
                run->scratch[SUM_GRADIENTS]);
    backward_expand(run, s);
    give_weights<ToWeights>(run, all, all.all.w, x, 1, s.K, s.G);
    if (x->gradient)
        by_vector<ToFrames>(run, all, x, 1, s.N, 1);
    give_centres(run, CENTRES, run->kept[MASSES]);
}

/* Copies of P, S, dU, E and b where products read rounded ones; then the sum. */
size_t workspace_bytes(const OpRun *run)
{
    Sizes s = groups_of(run).all.s;
    size_t height = run->output.rows * s.K, pooled = (size_t)s.G * s.N;
    size_t factors = cuda_factor_bytes(run, height, pooled) + cuda_factor_bytes(run, height, s.G)
        + cuda_factor_bytes(run, height, s.f) + cuda_factor_bytes(run, pooled, s.f)
        + cuda_factor_bytes(run, s.G, s.f);
    size_t sums = centres_workspace(run);
    return factors > sums ? factors : sums;
}

} // namespace

extern const CudaOp cuda_op_aggregate_expanded = { "aggregate_expanded", forward, backward,
                                                   workspace_bytes };
