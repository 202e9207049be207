/*
 * aggregate: residuals to the clusters' centres, summed over the frames of each video.
 *
 *   V_fk  = sum_i w_ik x_if - m_k c_fk          m_k = sum_i w_ik      i: frames of the video, and groups
 *   dx_if = sum_k w_ik dV_fk                    dw_ik = sum_f x_if dV_fk - q_k,  q_k = sum_f c_fk dV_fk
 *   dc_fk = -sum over videos of m_k dV_fk
 *
 * A video is one product on one thread: they are small, and videos are many.
 *
 *   x, dx  [frames, groups, f]   w, dw  [frames, groups, K]   c, dc  [f, K]
 *   V, dV  [batch, f, K]   m  [batch, K], kept   q  [batch, K], scratch
 *
 * Source: spec/models 5.1, steps 6 and 7.
 */
#include "common/tensor/cuda/by_video.cuh"
#include "common/tensor/cuda/columns.cuh"

namespace
{

enum { X, WEIGHTS, CENTRES };

/* A video's vectors: their number, and the first one. */
struct Run {
    const uint32_t *offsets;
    size_t groups;

    __device__ size_t first(size_t video) const
    {
        return offsets[video] * groups;
    }

    __device__ size_t count(size_t video) const
    {
        return (offsets[video + 1] - offsets[video]) * groups;
    }
};

/*
 * V_fk = sum_i x_if w_ik, and in one row more, with a 1 in place of x_if, m_k. What the centres take
 * away is taken when m is known.
 */
struct Sums {
    Run run;
    size_t f, K;
    const float *x, *w;
    float *V, *m;

    struct Problem {
        static const bool a_along_inner = false, b_along_inner = false;
        size_t height, width, inner, f, K;
        const float *x, *w;
        float *V, *mass;

        __device__ float a(size_t m, size_t i) const
        {
            return m < f ? x[i * f + m] : 1;
        }

        __device__ float b(size_t i, size_t k) const
        {
            return w[i * K + k];
        }

        __device__ void put(size_t m, size_t k, float sum) const
        {
            *(m < f ? V + m * K + k : mass + k) = sum;
        }
    };

    __device__ Problem of(size_t video) const
    {
        size_t first = run.first(video);
        return Problem{ f + 1,
                        K,
                        run.count(video),
                        f,
                        K,
                        x + first * f,
                        w + first * K,
                        V + video * f * K,
                        m + video * K };
    }
};

__global__ void subtract_centres(Elements all, const float *c, const float *m, size_t K, float *V)
{
    FOR_ROWS (video, all)
        FOR_COLUMNS (at, all.width)
            V[video * all.width + at] -= m[video * K + at % K] * c[at];
}

void forward(const OpRun *run)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS], *V = &run->output;
    size_t f = x->shape.axes[1], K = w->shape.axes[1];
    Sums sums = { { x->offsets, x->shape.axes[0] }, f, K, x->data, w->data, V->data, run->kept[0] };
    LAUNCH_VIDEOS(Sums, run, sums, f + 1, K);
    LAUNCH_ROWS(subtract_centres, run, V, run->input[CENTRES].data, run->kept[0], K, V->data);
}

/* dw_ik = sum_f x_if dV_fk - q_k */
struct ToWeights {
    Run run;
    size_t f, K;
    const float *x, *dV, *q;
    float *dw;
    bool adds;

    struct Problem {
        static const bool a_along_inner = true, b_along_inner = false;
        size_t height, width, inner;
        const float *x, *dV, *q;
        float *dw;
        bool adds;

        __device__ float a(size_t i, size_t f) const
        {
            return x[i * inner + f];
        }

        __device__ float b(size_t f, size_t k) const
        {
            return dV[f * width + k];
        }

        __device__ void put(size_t i, size_t k, float sum) const
        {
            give(dw + i * width + k, sum - q[k], adds);
        }
    };

    __device__ Problem of(size_t video) const
    {
        size_t first = run.first(video);
        return Problem{ run.count(video), K,   f, x + first * f, dV + video * f * K, q + video * K,
                        dw + first * K,   adds };
    }
};

/* dx_if = sum_k w_ik dV_fk */
struct ToVectors {
    Run run;
    size_t f, K;
    const float *w, *dV;
    float *dx;
    bool adds;

    struct Problem {
        static const bool a_along_inner = true, b_along_inner = true;
        size_t height, width, inner;
        const float *w, *dV;
        float *dx;
        bool adds;

        __device__ float a(size_t i, size_t k) const
        {
            return w[i * inner + k];
        }

        __device__ float b(size_t k, size_t f) const
        {
            return dV[f * inner + k];
        }

        __device__ void put(size_t i, size_t f, float sum) const
        {
            give(dx + i * width + f, sum, adds);
        }
    };

    __device__ Problem of(size_t video) const
    {
        size_t first = run.first(video);
        return Problem{ run.count(video), f,   K, w + first * K, dV + video * f * K,
                        dx + first * f,   adds };
    }
};

/* q_k = sum_f c_fk dV_fk: a thread for each cluster of a video. */
__global__ void meet_centres(Elements all, const float *c, const float *dVs, size_t K, float *q)
{
    FOR_ROWS (video, all)
        FOR_COLUMNS (k, K) {
            const float *dV = dVs + video * all.width;
            float sum = 0;
            for (size_t at = k; at < all.width; at += K)
                sum += c[at] * dV[at];
            q[video * K + k] = sum;
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

void backward(const OpRun *run)
{
    const OpTensor *x = &run->input[X], *w = &run->input[WEIGHTS], *c = &run->input[CENTRES];
    const OpTensor *V = &run->output;
    size_t f = x->shape.axes[1], K = w->shape.axes[1], groups = x->shape.axes[0];
    Run videos = { x->offsets, groups };
    if (w->gradient) {
        ToWeights product = { videos,      f,
                              K,           x->data,
                              V->gradient, run->scratch[0],
                              w->gradient, run->accumulate[WEIGHTS] };
        LAUNCH_ROWS(meet_centres, run, V, c->data, V->gradient, K, run->scratch[0]);
        LAUNCH_VECTORS_OF_VIDEOS(ToWeights, run, product, x, groups, K);
    }
    if (x->gradient) {
        ToVectors product = { videos, f, K, w->data, V->gradient, x->gradient, run->accumulate[X] };
        LAUNCH_VECTORS_OF_VIDEOS(ToVectors, run, product, x, groups, f);
    }
    if (c->gradient)
        sum_columns(run, rows_to_sum(V, 1), f * K, ToCentres{ run->kept[0], V->gradient, K, f * K },
                    GiveCentres{ c->gradient, run->accumulate[CENTRES] });
}

size_t workspace_bytes(const OpRun *run)
{
    return column_workspace(run->output.rows, run->output.width);
}

} // namespace

extern const CudaOp cuda_op_aggregate = { "aggregate", forward, backward, workspace_bytes };
