/*
 * aggregate: residuals to the clusters' centres, summed over the frames of each video.
 *
 *   V_fk  = sum_i w_ik x_if - m_k c_fk          m_k = sum_i w_ik      i: frames of the video, and groups
 *   dx_if = sum_k w_ik dV_fk                    dw_ik = sum_f x_if dV_fk - q_k,  q_k = sum_f c_fk dV_fk
 *   dc_fk = -sum over videos of m_k dV_fk
 *
 * A video is one product, in tiles. With attention, w is made of logits where it is read, and dw
 * becomes their gradient where it is made: cuda/weights.cuh.
 *
 *   x, dx  [frames, groups, f]   w, dw  [frames, groups, K]   c, dc  [f, K]
 *   V, dV  [batch, f, K]   m  [batch, K], kept   q  [batch, K], scratch
 *
 * Source: spec/models 5.1, steps 6 and 7.
 */
#include "common/tensor/cuda/by_video.cuh"
#include "common/tensor/cuda/centres.cuh"
#include "common/tensor/cuda/weights.cuh"

namespace
{

enum { X, WEIGHTS, CENTRES, ATTENTION };
enum { MASSES, SOFTNESS }; // kept

/* What belongs to one video. */
struct Video {
    unsigned vectors, f, K;
    Weights w;
    const float *x, *dV, *c;
    float *dx, *V, *m, *q;
    bool dx_adds;
};

struct Videos {
    const uint32_t *offsets;
    size_t groups;
    Video all; // vectors is set for each

    __device__ Video of(size_t video, size_t) const
    {
        Video own = all;
        size_t first = offsets[video] * groups, sums = video * own.f * own.K;
        own.vectors = (unsigned)((offsets[video + 1] - offsets[video]) * groups);
        own.w = own.w.of(first, 1);
        own.x += first * own.f;
        own.dx += own.dx ? first * own.f : 0;
        own.V += sums;
        own.dV += own.dV ? sums : 0;
        own.m += video * own.K;
        own.q += video * own.K;
        return own;
    }
};

/* V_fk = sum_i w_ik x_if - m_k c_fk, turned; m_k is what a row of w sums to. */
struct Sums : Video {
    __device__ Extent extent() const
    {
        return { K, f, vectors };
    }

    __device__ float a(unsigned k, unsigned i) const
    {
        return w.at(i, k);
    }

    __device__ float b(unsigned i, unsigned j) const
    {
        return x[(size_t)i * f + j];
    }

    __device__ void put(unsigned k, unsigned j, float sum, float mass) const
    {
        V[(size_t)j * K + k] = sum - mass * c[(size_t)j * K + k];
        if (j == 0)
            m[k] = mass;
    }
};

/* dw_ik = sum_f x_if dV_fk - q_k */
struct ToWeights : Video {
    __device__ Extent extent() const
    {
        return { vectors, K, f };
    }

    __device__ float a(unsigned i, unsigned j) const
    {
        return x[(size_t)i * f + j];
    }

    __device__ float b(unsigned j, unsigned k) const
    {
        return dV[(size_t)j * K + k];
    }

    __device__ float shift(unsigned k) const
    {
        return -q[k];
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

/* dx_if = sum_k w_ik dV_fk */
struct ToVectors : Video {
    __device__ Extent extent() const
    {
        return { vectors, f, K };
    }

    __device__ float a(unsigned i, unsigned k) const
    {
        return w.at(i, k);
    }

    __device__ float b(unsigned k, unsigned j) const
    {
        return dV[(size_t)j * K + k];
    }

    __device__ void put(unsigned i, unsigned j, float sum, float) const
    {
        give(dx + (size_t)i * f + j, sum, dx_adds);
    }
};

Videos videos_of(const OpRun *run)
{
    const OpTensor *x = &run->input[X], *V = &run->output;
    Video all = {};
    all.f = (unsigned)x->shape.axes[1];
    all.K = (unsigned)V->shape.axes[1];
    all.w = weights_of(run, WEIGHTS, ATTENTION, run->kept[SOFTNESS]);
    all.x = x->data;
    all.dx = x->gradient;
    all.dx_adds = run->accumulate[X];
    all.c = run->input[CENTRES].data;
    all.V = V->data;
    all.dV = V->gradient;
    all.m = run->kept[MASSES];
    all.q = run->scratch[0];
    return Videos{ x->offsets, x->shape.axes[0], all };
}

void forward(const OpRun *run)
{
    Videos all = videos_of(run);
    prepare_weights(run, all.all.w, WEIGHTS);
    by_video<Sums>(run, all, all.all.K, all.all.f, 1);
}

void backward(const OpRun *run)
{
    Videos all = videos_of(run);
    const OpTensor *x = &run->input[X];
    meet_centres(run, &run->input[CENTRES], all.all.q);
    give_weights<ToWeights>(run, all, all.all.w, x, all.groups, all.all.K, 1);
    if (x->gradient)
        by_vector<ToVectors>(run, all, x, all.groups, all.all.f, 1);
    give_centres(run, CENTRES, all.all.m);
}

} // namespace

extern const CudaOp cuda_op_aggregate = { "aggregate", forward, backward, centres_workspace };
