/*
 * attention: every frame of a video looks at all frames of that video, with several heads side by side.
 *
 *   q, k, v = the three parts of x, each of heads of width w
 *   s_ij = <q_i, k_j> / sqrt(w)          p_ij = e^(s_ij - l_i)      l_i = ln sum_j e^s_ij
 *   y_i  = sum_j d_ij p_ij v_j           d: the factors of dropout; 1 outside training
 *   dp_ij = d_ij <dy_i, v_j>             ds_ij = p_ij (dp_ij - <dy_i, y_i>) / sqrt(w)
 *   dq_i = sum_j ds_ij k_j               dk_j = sum_i ds_ij q_i     dv_j = sum_i d_ij p_ij dy_i
 *
 * i, j: frames of one video, so frames of others are masked by not being there. A warp is one frame of
 * one head, i or in backward once more j; it takes the others WARP at a time, a lane keeps the numbers of
 * one. So nothing of all pairs is in memory, and each warp computes again what it needs.
 *
 * d_ij is drawn (cpu/drop.h) as element (i heads + head) 2^19 + j, i of the whole batch's frames and j of the
 * video's: no bound of a plan decides it.
 *
 *   x, dx  [frames, 3 heads w]: all heads of q, of k, of v   y, dy  [frames, heads w]
 *   l  [frames, heads], kept
 *
 * Source: Vaswani et al. 2017; papers/bert-ensemble, equations 2 and 3.
 */
#include "common/tensor/cuda/drop.cuh"

namespace
{

#define DRAWS_OF_ROW ((uint64_t)1 << 19) // room for j

enum { QUERIES, KEYS, VALUES };

/* What both directions read. */
struct Heads {
    const uint32_t *offsets, *videos;
    const float *x;
    size_t heads, width;
    float scale;
    Drop drop;

    __device__ size_t part(size_t which, size_t frame, size_t head) const
    {
        return ((frame * 3 + which) * heads + head) * width;
    }

    __device__ const float *at(size_t which, size_t frame, size_t head) const
    {
        return x + part(which, frame, head);
    }

    __device__ size_t given(size_t frame, size_t head) const
    {
        return (frame * heads + head) * width;
    }

    /* The factor of dropout of frame i's weight of frame j; first: of the video. */
    __device__ float factor(size_t i, size_t j, size_t head, size_t first) const
    {
        return drop.factor((i * heads + head) * DRAWS_OF_ROW + (j - first));
    }
};

/* The video that a frame belongs to: the last one that begins at it or before. */
__device__ size_t video_of(const Heads &of, size_t frame)
{
    size_t low = 0, high = *of.videos;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (of.offsets[middle] <= frame)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* Every lane has the product of two vectors. */
__device__ float dot(const float *a, const float *b, size_t width)
{
    float sum = 0;
    FOR_LANE (d, WARP, width)
        sum += a[d] * b[d];
    return team_sum<WARP>(sum);
}

/* How many of the frames from `from` on a warp takes at once. */
__device__ unsigned count_of(size_t from, size_t end)
{
    return (unsigned)(end - from < WARP ? end - from : WARP);
}

/* s_ij of frames i and of `count` frames j from `from` on: a lane has one's, all others -infinity. */
__device__ float scores(const Heads &of, size_t i, size_t from, unsigned count, size_t head)
{
    float own = -INFINITY;
    for (unsigned t = 0; t < count; t++) {
        float s = of.scale * dot(of.at(QUERIES, i, head), of.at(KEYS, from + t, head), of.width);
        own = team_lane<WARP>() == t ? s : own;
    }
    return own;
}

/*
 * to = (adds: to +) sum over `count` lanes of their weights times their vectors, which are `stride`
 * apart.
 */
__device__ void add_weighed(float *to, bool adds, float weight, const float *vectors, size_t stride,
                            unsigned count, size_t width)
{
    for (size_t d0 = 0; d0 < width; d0 += WARP) { // all lanes alike: they exchange numbers
        size_t d = d0 + team_lane<WARP>();
        float sum = 0;
        for (unsigned t = 0; t < count; t++) {
            float w = __shfl_sync(0xffffffffu, weight, (int)t);
            sum += d < width ? w * vectors[t * stride + d] : 0;
        }
        if (d < width)
            give(to + d, sum, adds);
    }
}

__global__ void attend(Vectors all, Heads of, float *ls, float *ys)
{
    FOR_VECTORS (at, WARP, all) {
        size_t i = at / of.heads, head = at % of.heads, video = video_of(of, i);
        size_t first = of.offsets[video], end = of.offsets[video + 1];
        float largest = -INFINITY, sum = 0;
        for (size_t from = first; from < end; from += WARP) {
            float s = scores(of, i, from, count_of(from, end), head);
            float higher = fmaxf(largest, team_largest<WARP>(s));
            sum = sum * expf(largest - higher) + team_sum<WARP>(expf(s - higher));
            largest = higher;
        }
        float l = largest + logf(sum);
        if (team_lane<WARP>() == 0)
            ls[at] = l;
        for (size_t from = first; from < end; from += WARP) {
            unsigned count = count_of(from, end);
            float p = expf(scores(of, i, from, count, head) - l);
            p *= of.factor(i, from + team_lane<WARP>(), head, first);
            add_weighed(ys + of.given(i, head), from > first, p, of.at(VALUES, from, head),
                        3 * of.heads * of.width, count, of.width);
        }
    }
}

Heads heads_of(const OpRun *run)
{
    const Attention *settings = (const Attention *)run->attributes;
    const OpTensor *x = &run->input[0];
    size_t width = run->output.width / settings->heads;
    return Heads{ x->offsets,
                  run->group_count,
                  x->data,
                  settings->heads,
                  width,
                  1 / sqrtf((float)width),
                  drop_of(run, settings->rate, settings->heads * DRAWS_OF_ROW) };
}

/* A warp for each frame and head. */
unsigned blocks_of(const OpRun *run, const Heads &of)
{
    return cuda_blocks(cuda_divide_up(run->output.rows * of.heads, BLOCK / WARP));
}

Vectors vectors_of(const OpRun *run, const Heads &of)
{
    return Vectors{ run->output.count, of.heads, of.width };
}

void forward(const OpRun *run)
{
    Heads of = heads_of(run);
    LAUNCH(attend, blocks_of(run, of), BLOCK, run, vectors_of(run, of), of, run->kept[0],
           run->output.data);
}

/* What backward reads besides, and gives. */
struct Slopes {
    const float *l, *y, *dy;
    float *along; // <dy_i, y_i>
    float *dx;
    bool adds;
};

/* ds_ij and the weight d_ij p_ij, in the lane of its own pair of frames. */
struct Pair {
    float ds, weight;
};

__device__ Pair slope(const Heads &of, float s, float dp, float l, float along, float factor)
{
    float p = expf(s - l);
    return Pair{ p * (factor * dp - along) * of.scale, factor * p };
}

__global__ void give_queries(Vectors all, Heads of, Slopes slopes)
{
    FOR_VECTORS (at, WARP, all) {
        size_t i = at / of.heads, head = at % of.heads, video = video_of(of, i);
        size_t first = of.offsets[video], end = of.offsets[video + 1], own = of.given(i, head);
        const float *dy = slopes.dy + own;
        float along = dot(dy, slopes.y + own, of.width);
        if (team_lane<WARP>() == 0)
            slopes.along[at] = along;
        for (size_t from = first; from < end; from += WARP) {
            unsigned count = count_of(from, end);
            float s = scores(of, i, from, count, head), dp = 0;
            for (unsigned t = 0; t < count; t++) {
                float product = dot(dy, of.at(VALUES, from + t, head), of.width);
                dp = team_lane<WARP>() == t ? product : dp;
            }
            float factor = of.factor(i, from + team_lane<WARP>(), head, first);
            Pair pair = slope(of, s, dp, slopes.l[at], along, factor);
            add_weighed(slopes.dx + of.part(QUERIES, i, head), slopes.adds || from > first, pair.ds,
                        of.at(KEYS, from, head), 3 * of.heads * of.width, count, of.width);
        }
    }
}

/* The same for the frame j, over the frames i that looked at it. */
__global__ void give_keys_and_values(Vectors all, Heads of, Slopes slopes)
{
    FOR_VECTORS (at, WARP, all) {
        size_t j = at / of.heads, head = at % of.heads, video = video_of(of, j);
        size_t first = of.offsets[video], end = of.offsets[video + 1];
        for (size_t from = first; from < end; from += WARP) {
            unsigned count = count_of(from, end);
            Pair pair = { 0, 0 };
            for (unsigned t = 0; t < count; t++) {
                size_t i = from + t;
                float s = of.scale * dot(of.at(QUERIES, i, head), of.at(KEYS, j, head), of.width);
                float dp = dot(slopes.dy + of.given(i, head), of.at(VALUES, j, head), of.width);
                if (team_lane<WARP>() == t)
                    pair = slope(of, s, dp, slopes.l[i * of.heads + head],
                                 slopes.along[i * of.heads + head], of.factor(i, j, head, first));
            }
            bool adds = slopes.adds || from > first;
            add_weighed(slopes.dx + of.part(KEYS, j, head), adds, pair.ds,
                        of.at(QUERIES, from, head), 3 * of.heads * of.width, count, of.width);
            add_weighed(slopes.dx + of.part(VALUES, j, head), adds, pair.weight,
                        slopes.dy + of.given(from, head), of.heads * of.width, count, of.width);
        }
    }
}

void backward(const OpRun *run)
{
    Heads of = heads_of(run);
    Slopes slopes = { run->kept[0],           run->output.data,
                      run->output.gradient,   (float *)run->workspace,
                      run->input[0].gradient, run->accumulate[0] };
    LAUNCH(give_queries, blocks_of(run, of), BLOCK, run, vectors_of(run, of), of, slopes);
    LAUNCH(give_keys_and_values, blocks_of(run, of), BLOCK, run, vectors_of(run, of), of, slopes);
}

size_t workspace_bytes(const OpRun *run)
{
    const Attention *settings = (const Attention *)run->attributes;
    return run->output.rows * settings->heads * sizeof(float);
}

} // namespace

extern const CudaOp cuda_op_attention = { "attention", forward, backward, workspace_bytes };
