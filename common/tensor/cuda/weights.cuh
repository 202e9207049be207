/*
 * Weights by which vectors are summed: as they lie in memory, or those of soft_assignment, made of
 * logits and attention where they are read, so that they and their gradients are never in memory.
 *
 *   s_k  = e^(l_k - m) / sum_j e^(l_j - m)      m = max_k l_k
 *   a    = 1 / (1 + e^-b)                       w_k = a s_k
 *   dl_k = w_k (dw_k - <dw, w> / a)             db = (1 - a) <dw, w>
 *
 *   l, w, dl, dw  [vectors, K]   b, db  [vectors]   m, a / sum  [vectors], kept
 */
#ifndef PODIUM_TENSOR_CUDA_WEIGHTS_CUH
#define PODIUM_TENSOR_CUDA_WEIGHTS_CUH

#include "common/tensor/cuda/by_video.cuh"

/* What makes weights of a vector's logits. */
struct Softness {
    float largest, scale;
};

/* Tensors of all vectors; of(first, apart) has every apart-th of them from one on. */
struct Weights {
    size_t K, apart;
    const float *values, *attention; // values: weights, or logits where there is attention
    const Softness *softness;
    float *dvalues, *dattention; // NULL: not wanted
    bool adds, attention_adds;

    __device__ Weights of(size_t first, size_t own_apart) const
    {
        Weights own = *this;
        own.apart = own_apart;
        own.values += first * K;
        own.dvalues += dvalues ? first * K : 0;
        if (attention) {
            own.attention += first;
            own.softness += first;
            own.dattention += dattention ? first : 0;
        }
        return own;
    }

    __device__ float at(unsigned i, unsigned k) const
    {
        float value = values[i * apart * K + k];
        if (!attention)
            return value;
        Softness soft = softness[i * apart];
        return expf(value - soft.largest) * soft.scale;
    }

    /* Where they are in memory: their gradient. */
    __device__ void give_weight(unsigned i, unsigned k, float dw) const
    {
        give(dvalues + i * apart * K + k, dw, adds);
    }

    /* 1 / a stays finite where a underflows. */
    __device__ float inverse(unsigned i) const
    {
        return 1 + expf(-attention[i * apart]);
    }

    __device__ void give_logit(unsigned i, unsigned k, float dw, float mean) const
    {
        if (dvalues)
            give(dvalues + i * apart * K + k, at(i, k) * (dw - mean), adds);
    }

    __device__ void give_attention(unsigned i, float along) const
    {
        if (dattention)
            give(dattention + i * apart, along * (1 - 1 / inverse(i)), attention_adds);
    }
};

/* Inputs of a run: weights, or logits and attention; softness: what was kept of these. */
static inline Weights weights_of(const OpRun *run, int values, int attention, float *softness)
{
    const OpTensor *v = &run->input[values], *b = &run->input[attention];
    bool soft = b->data != nullptr;
    return Weights{ v->shape.axes[1],
                    1,
                    v->data,
                    b->data,
                    soft ? (const Softness *)softness : nullptr,
                    v->gradient,
                    soft ? b->gradient : nullptr,
                    run->accumulate[values],
                    run->accumulate[attention] };
}

template <int T>
static __global__ void measure_logits(Vectors all, const float *logits, const float *attention,
                                      Softness *softness)
{
    FOR_VECTORS (i, T, all) {
        const float *l = logits + i * all.width;
        float largest = l[0], sum = 0;
        FOR_LANE (k, T, all.width)
            largest = fmaxf(largest, l[k]);
        largest = team_largest<T>(largest);
        FOR_LANE (k, T, all.width)
            sum += expf(l[k] - largest);
        sum = team_sum<T>(sum);
        if (team_lane<T>() == 0)
            softness[i] = Softness{ largest, 1 / sum / (1 + expf(-attention[i])) };
    }
}

static inline void prepare_weights(const OpRun *run, const Weights &w, int values)
{
    if (w.attention)
        LAUNCH_VECTORS(measure_logits, run, &run->input[values], w.K, w.values, w.attention,
                       (Softness *)w.softness);
}

/*
 * The gradients of logits and attention, of a tile of vectors whose products are dw but for what
 * shift adds. Besides what tile.cuh asks for, a Problem has
 *
 *   const Weights &weights() const
 *   float shift(unsigned n) const       dw is the product plus this
 *
 * A vector with more clusters than a tile is wide is multiplied twice: first for <dw, w>.
 */
struct GiveSoftly {
    template <Precision P, class Problem> static __device__ void run(const Problem &p, unsigned m0)
    {
        Tile<P> tile;
        Extent all = p.extent();
        const Weights &w = p.weights();
        float along[2 * TILE_DOWN] = {}, mean[2 * TILE_DOWN] = {};
        for (bool gives : { false, true }) {
            for (unsigned n0 = 0; n0 < all.width; n0 += TILE_WIDTH) {
                if (!gives || all.width > TILE_WIDTH)
                    tile.multiply(p, m0, n0);
                tile.each([&](unsigned own, unsigned row, unsigned column, float sum) {
                    unsigned m = m0 + row, n = n0 + column;
                    if (m >= all.height || n >= all.width)
                        return;
                    float dw = sum + p.shift(n);
                    if (gives)
                        w.give_logit(m, n, dw, mean[own]);
                    else
                        along[own] += dw * w.at(m, n);
                });
            }
            if (gives)
                return;
            tile.sum_columns(along);
            tile.each_row([&](unsigned own, unsigned row) {
                if (m0 + row >= all.height)
                    return;
                mean[own] = along[own] * w.inverse(m0 + row);
                if (tile.first_column() == 0 && tile.lane() % 4 == 0)
                    w.give_attention(m0 + row, along[own]);
            });
        }
    }

    static unsigned blocks(size_t)
    {
        return 1;
    }
};

/* The gradients of weights, or of what they are made of: arguments as by_vector's. */
template <class Problem, class Videos>
static void give_weights(const OpRun *run, const Videos &all, const Weights &w, const OpTensor *x,
                         size_t each, size_t width, size_t parts)
{
    if (w.attention && (w.dvalues || w.dattention))
        by_vector<Problem, GiveSoftly>(run, all, x, each, width, parts);
    else if (w.dvalues)
        by_vector<Problem>(run, all, x, each, width, parts);
}

#endif
