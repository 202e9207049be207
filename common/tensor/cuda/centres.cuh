/*
 * The clusters' centres c in what sums residuals to them: V_fk = ... - m_k c_fk.
 *
 *   q_k   = sum_f c_fk dV_fk            what dw_k loses
 *   dc_fk = -sum over videos of m_k dV_fk
 *
 *   c, dc  [f, K]   dV  [batch, f, K]   m, q  [batch, K]
 */
#ifndef PODIUM_TENSOR_CUDA_CENTRES_CUH
#define PODIUM_TENSOR_CUDA_CENTRES_CUH

#include "common/tensor/cuda/columns.cuh"

/* A thread for each cluster of a video. */
static __global__ void meet_columns(Elements all, const float *c, const float *dVs, size_t K,
                                    float *q)
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

static inline void meet_centres(const OpRun *run, const OpTensor *c, float *q)
{
    LAUNCH_ROWS(meet_columns, run, &run->output, c->data, run->output.gradient, c->shape.axes[1],
                q);
}

struct CentreTerm {
    const float *m, *dV;
    size_t K, width;

    __device__ Pair operator()(size_t video, size_t column) const
    {
        return Pair{ m[video * K + column % K] * dV[video * width + column], 0 };
    }
};

struct GiveCentre {
    float *dc;
    bool adds;

    __device__ void operator()(size_t column, Pair sum) const
    {
        give(dc + column, -sum.first, adds);
    }
};

/* dc, where it is wanted, of the run's input `centres`. */
static inline void give_centres(const OpRun *run, int centres, const float *m)
{
    const OpTensor *c = &run->input[centres], *V = &run->output;
    if (c->gradient)
        sum_columns(run, rows_to_sum(V, 1), V->width,
                    CentreTerm{ m, V->gradient, c->shape.axes[1], V->width },
                    GiveCentre{ c->gradient, run->accumulate[centres] });
}

static inline size_t centres_workspace(const OpRun *run)
{
    return column_workspace(run->output.rows, run->output.width);
}

#endif
