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
 * Pooling is one product a video; the map is one product for all videos.
 *
 *   x, dx  [frames, N]   w, dw  [frames, G, K]   E, dE  [G, N, f]   b, db  [G, f]   c, dc  [f, K]
 *   V, dV  [batch, f, K]   kept: P, whose place dP takes, [batch, K, G, N], S  [batch, K, G],
 *   m  [batch, K]   scratch: U, dU  [batch, K, f], dS  [batch, K, G]
 *
 * Source: spec/models 5.1, steps 1, 6 and 7.
 */
#include "common/tensor/cuda/by_video.cuh"
#include "common/tensor/cuda/columns.cuh"
#include "common/tensor/cuda/gemm.h"

namespace
{

enum { X, WEIGHTS, EXPANSION, BIAS, CENTRES };
enum { POOLED, SUMS, MASSES };
enum { TURNED_WEIGHTS, EXPANDED, SUM_GRADIENTS }; // weights are turned where they are read

/* A row of P, S and dP is a pair of cluster and group, clusters outermost; in w groups are. */
struct Sizes {
    size_t N, G, K, f;

    __device__ size_t weight(size_t pair) const
    {
        return pair % G * K + pair / G;
    }
};

Sizes sizes_of(const OpRun *run)
{
    const size_t *E = run->input[EXPANSION].shape.axes;
    return Sizes{ E[1], E[0], run->output.shape.axes[1], E[2] };
}

/* ---- products by video ---- */

/* P_kg = sum_i w_igk x_i, and in one column more, with a 1 in place of x_i, S_kg. */
struct Pool {
    const uint32_t *offsets;
    Sizes s;
    const float *x, *w;
    float *P, *S;

    struct Problem {
        static const bool a_along_inner = false, b_along_inner = false;
        size_t height, width, inner;
        Sizes s;
        const float *x, *w;
        float *P, *S;

        __device__ float a(size_t pair, size_t i) const
        {
            return w[i * height + s.weight(pair)];
        }

        __device__ float b(size_t i, size_t n) const
        {
            return n < s.N ? x[i * s.N + n] : 1;
        }

        __device__ void put(size_t pair, size_t n, float sum) const
        {
            *(n < s.N ? P + pair * s.N + n : S + pair) = sum;
        }
    };

    __device__ Problem of(size_t video) const
    {
        size_t first = offsets[video], pairs = s.K * s.G;
        return Problem{
            pairs,           s.N + 1,           offsets[video + 1] - first, s,
            x + first * s.N, w + first * pairs, P + video * pairs * s.N,    S + video * pairs
        };
    }
};

/* dw_igk = <x_i, dP_kg> + dS_kg */
struct ToWeights {
    const uint32_t *offsets;
    Sizes s;
    const float *x, *dP, *dS;
    float *dw;
    bool adds;

    struct Problem {
        static const bool a_along_inner = true, b_along_inner = true;
        size_t height, width, inner;
        Sizes s;
        const float *x, *dP, *dS;
        float *dw;
        bool adds;

        __device__ float a(size_t i, size_t n) const
        {
            return x[i * inner + n];
        }

        __device__ float b(size_t n, size_t pair) const
        {
            return dP[pair * inner + n];
        }

        __device__ void put(size_t i, size_t pair, float sum) const
        {
            give(dw + i * width + s.weight(pair), sum + dS[pair], adds);
        }
    };

    __device__ Problem of(size_t video) const
    {
        size_t first = offsets[video], pairs = s.K * s.G;
        return Problem{ offsets[video + 1] - first,
                        pairs,
                        s.N,
                        s,
                        x + first * s.N,
                        dP + video * pairs * s.N,
                        dS + video * pairs,
                        dw + first * pairs,
                        adds };
    }
};

/* dx_i = sum_gk w_igk dP_kg */
struct ToFrames {
    const uint32_t *offsets;
    Sizes s;
    const float *w, *dP;
    float *dx;
    bool adds;

    struct Problem {
        static const bool a_along_inner = true, b_along_inner = false;
        size_t height, width, inner;
        Sizes s;
        const float *w, *dP;
        float *dx;
        bool adds;

        __device__ float a(size_t i, size_t pair) const
        {
            return w[i * inner + s.weight(pair)];
        }

        __device__ float b(size_t pair, size_t n) const
        {
            return dP[pair * width + n];
        }

        __device__ void put(size_t i, size_t n, float sum) const
        {
            give(dx + i * width + n, sum, adds);
        }
    };

    __device__ Problem of(size_t video) const
    {
        size_t first = offsets[video], pairs = s.K * s.G;
        return Problem{
            offsets[video + 1] - first, s.N, pairs, s, w + first * pairs, dP + video * pairs * s.N,
            dx + first * s.N,           adds
        };
    }
};

/* ---- products of all videos ---- */

/* Of each video K rows of so many numbers. */
CudaMatrix clusters_of(const OpRun *run, float *data, size_t width, bool transposed)
{
    size_t K = sizes_of(run).K;
    return CudaMatrix{ data, run->output.rows * K, width, transposed, run->output.count, K };
}

CudaMatrix stored(const float *data, size_t height, size_t width, bool transposed)
{
    return CudaMatrix{ (float *)data, height, width, transposed, nullptr, 0 };
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
    Sizes s = sizes_of(run);
    const OpTensor *V = &run->output;
    float *P = run->kept[POOLED], *S = run->kept[SUMS], *U = run->scratch[EXPANDED];
    Pool product = { run->input[X].offsets, s, run->input[X].data, run->input[WEIGHTS].data, P, S };
    LAUNCH_VIDEOS(Pool, run, product, s.K * s.G, s.N + 1);
    LAUNCH_ROWS(sum_groups, run, V, s.K, s.G, S, run->kept[MASSES]);
    cuda_gemm(run, clusters_of(run, S, s.G, false), stored(run->input[BIAS].data, s.G, s.f, false),
              nullptr, false, U);
    cuda_gemm(run, clusters_of(run, P, s.G * s.N, false),
              stored(run->input[EXPANSION].data, s.G * s.N, s.f, false), nullptr, true, U);
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

struct ToCentres {
    const float *m, *dV;
    size_t K, width;

    __device__ Pair operator()(size_t video, size_t column) const
    {
        return Pair{ m[video * K + column % K] * dV[video * width + column], 0 };
    }
};

struct GiveCentres {
    float *dc;
    bool adds;

    __device__ void operator()(size_t column, Pair sum) const
    {
        give(dc + column, -sum.first, adds);
    }
};

void backward_expand(const OpRun *run)
{
    Sizes s = sizes_of(run);
    const OpTensor *E = &run->input[EXPANSION], *b = &run->input[BIAS];
    float *P = run->kept[POOLED], *S = run->kept[SUMS], *dU = run->scratch[EXPANDED];
    size_t pooled = s.G * s.N;
    if (E->gradient)
        cuda_gemm(run, clusters_of(run, P, pooled, true), clusters_of(run, dU, s.f, false), nullptr,
                  run->accumulate[EXPANSION], E->gradient);
    if (b->gradient)
        cuda_gemm(run, clusters_of(run, S, s.G, true), clusters_of(run, dU, s.f, false), nullptr,
                  run->accumulate[BIAS], b->gradient);
    cuda_gemm(run, clusters_of(run, dU, s.f, false), stored(b->data, s.G, s.f, true), nullptr, true,
              run->scratch[SUM_GRADIENTS]);
    cuda_gemm(run, clusters_of(run, dU, s.f, false), stored(E->data, pooled, s.f, true), nullptr,
              false, P);
}

void backward_pool(const OpRun *run)
{
    Sizes s = sizes_of(run);
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS];
    const float *dP = run->kept[POOLED];
    if (w->gradient) {
        ToWeights product = { x->offsets,
                              s,
                              x->data,
                              dP,
                              run->scratch[SUM_GRADIENTS],
                              w->gradient,
                              run->accumulate[WEIGHTS] };
        LAUNCH_VECTORS_OF_VIDEOS(ToWeights, run, product, x, 1, s.K * s.G);
    }
    if (x->gradient) {
        ToFrames product = { x->offsets, s, w->data, dP, x->gradient, run->accumulate[X] };
        LAUNCH_VECTORS_OF_VIDEOS(ToFrames, run, product, x, 1, s.N);
    }
}

void backward(const OpRun *run)
{
    Sizes s = sizes_of(run);
    const OpTensor *V = &run->output, *c = &run->input[CENTRES];
    LAUNCH_ROWS(turn_gradient, run, V, s, c->data, V->gradient, run->scratch[EXPANDED],
                run->scratch[SUM_GRADIENTS]);
    backward_expand(run);
    backward_pool(run);
    if (c->gradient)
        sum_columns(run, rows_to_sum(V, 1), s.f * s.K,
                    ToCentres{ run->kept[MASSES], V->gradient, s.K, s.f * s.K },
                    GiveCentres{ c->gradient, run->accumulate[CENTRES] });
}

/* The products come one after another, and so does the sum. */
size_t workspace_bytes(const OpRun *run)
{
    Sizes s = sizes_of(run);
    size_t height = run->output.rows * s.K, pooled = s.G * s.N;
    size_t bytes[] = { cuda_gemm_workspace(run, height, s.G, s.G, s.f),
                       cuda_gemm_workspace(run, height, pooled, pooled, s.f),
                       cuda_gemm_workspace(run, height, pooled, height, s.f),
                       cuda_gemm_workspace(run, height, s.G, height, s.f),
                       column_workspace(run->output.rows, run->output.width) };
    size_t most = 0;
    for (size_t each : bytes)
        most = each > most ? each : most;
    return most;
}

} // namespace

extern const CudaOp cuda_op_aggregate_expanded = { "aggregate_expanded", forward, backward,
                                                   workspace_bytes };
