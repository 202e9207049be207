/*
 * mix_rows: mixup: every row mixed with that of another video of the batch.
 *
 *   y_i  = a_v x_i + (1 - a_v) x_j           i = row t of video v, j = row t of video p(v)
 *   dx_i = a_v dy_i + sum over the k whose j is i of (1 - a_v(k)) dy_k
 *
 * p is a random permutation of the batch's videos, a_v ~ Beta(alpha, alpha), both drawn under the key
 * (seed, name) at the training step, so applying it under one name to features and to targets mixes
 * both in the same way. Where p(v) has fewer rows than v, nothing is added for the missing ones.
 * Where the batch is run in parts, partners are of one part, drawn anew for each.
 * Beta: Johnk's method, u^(1/alpha) and v^(1/alpha) until their sum is at most 1, in logarithms.
 * Source: spec/models 15.1.
 *
 *   x, y, dx, dy  [rows, ...]: the batch's rows, or rows that belong to them
 */
#include "common/tensor/cuda/philox.cuh"

#define MOST_DRAWS 1000 // of which more than half succeed

namespace
{

/* What is drawn for a video v. */
struct Mix {
    float own;      // a_v
    uint32_t other; // p(v)
    uint32_t taker; // the video whose partner v is
};

/* Beta(alpha, alpha) for a video. */
__device__ double draw_beta(PhiloxKey key, uint64_t step, size_t video, double alpha)
{
    for (uint64_t draw = 0; draw < MOST_DRAWS; draw++) {
        PhiloxWords words = philox_words(key, step, draw << 32 | video);
        double x = log(((double)words.word[0] + 0.5) * 0x1p-32) / alpha;
        double y = log(((double)words.word[1] + 0.5) * 0x1p-32) / alpha;
        if (exp(x) + exp(y) <= 1)
            return 1 / (1 + exp(y - x));
    }
    return 0.5;
}

/* first: the number of video 0 in the whole batch; the permutation is another for each part. */
__global__ void draw(const uint32_t *videos, const uint32_t *first, PhiloxKey partners,
                     PhiloxKey weights, const uint64_t *step, double alpha, Mix *mixes)
{
    size_t stride = (size_t)gridDim.x * blockDim.x, count = *videos;
    uint64_t turn = (uint64_t)*first << 32 | *step;
    for (size_t v = (size_t)blockIdx.x * blockDim.x + threadIdx.x; v < count; v += stride) {
        size_t other = philox_permuted(partners, turn, count, v);
        mixes[v].own = (float)draw_beta(weights, *step, *first + v, alpha);
        mixes[v].other = (uint32_t)other;
        mixes[other].taker = (uint32_t)v; // p is a permutation: each has one
    }
}

/* The rows of a video; a tensor of the batch itself has one each. */
struct Runs {
    const uint32_t *offsets;

    __device__ size_t first(size_t video) const
    {
        return offsets ? offsets[video] : video;
    }

    __device__ size_t count(size_t video) const
    {
        return offsets ? offsets[video + 1] - offsets[video] : 1;
    }
};

/* A column of blocks for each video. */
__global__ void mix(const uint32_t *videos, Runs rows, size_t width, const Mix *mixes,
                    const float *x, float *y)
{
    for (size_t v = blockIdx.x; v < *videos; v += gridDim.x) {
        Mix mix = mixes[v];
        size_t end = rows.count(v) * width, shared = rows.count(mix.other) * width;
        const float *own = x + rows.first(v) * width, *other = x + rows.first(mix.other) * width;
        float *to = y + rows.first(v) * width, a = mix.own, b = 1 - mix.own;
        for (size_t i = (size_t)blockIdx.y * blockDim.x + threadIdx.x; i < end;
             i += (size_t)gridDim.y * blockDim.x)
            to[i] = a * own[i] + (i < shared ? b * other[i] : 0);
    }
}

__global__ void pass(const uint32_t *videos, Runs rows, size_t width, const Mix *mixes,
                     const float *dy, float *dx, bool adds)
{
    for (size_t v = blockIdx.x; v < *videos; v += gridDim.x) {
        Mix mix = mixes[v];
        size_t end = rows.count(v) * width, shared = rows.count(mix.taker) * width;
        const float *own = dy + rows.first(v) * width, *taker = dy + rows.first(mix.taker) * width;
        float *to = dx + rows.first(v) * width, a = mix.own, b = 1 - mixes[mix.taker].own;
        for (size_t i = (size_t)blockIdx.y * blockDim.x + threadIdx.x; i < end;
             i += (size_t)gridDim.y * blockDim.x)
            give(to + i, a * own[i] + (i < shared ? b * taker[i] : 0), adds);
    }
}

#define PARTS 8 // blocks that share a video

size_t most_videos(const OpRun *run)
{
    return run->input[0].shape.rows->parent ? run->groups : run->input[0].rows;
}

const uint32_t *videos_of(const OpRun *run)
{
    return run->input[0].offsets ? run->group_count : run->input[0].count;
}

const uint32_t *first_video(const OpRun *run)
{
    return run->input[0].offsets ? run->group_first_at : run->input[0].first_at;
}

dim3 grid(const OpRun *run)
{
    return dim3(cuda_blocks(most_videos(run)), PARTS);
}

/* Drawn again in backward instead of being kept. */
void launch_draw(const OpRun *run)
{
    PhiloxKey weights = philox_key((uint64_t)run->key.word[1] << 32 | run->key.word[0], "weights");
    LAUNCH(draw, cuda_blocks(cuda_divide_up(most_videos(run), 64)), 64, run, videos_of(run),
           first_video(run), run->key, weights, run->step_at, *(const double *)run->attributes,
           (Mix *)run->workspace);
}

void forward(const OpRun *run)
{
    const OpTensor *x = &run->input[0];
    launch_draw(run);
    LAUNCH(mix, grid(run), BLOCK, run, videos_of(run), Runs{ x->offsets }, x->width,
           (const Mix *)run->workspace, x->data, run->output.data);
}

void backward(const OpRun *run)
{
    const OpTensor *x = &run->input[0];
    launch_draw(run);
    LAUNCH(pass, grid(run), BLOCK, run, videos_of(run), Runs{ x->offsets }, x->width,
           (const Mix *)run->workspace, run->output.gradient, x->gradient, run->accumulate[0]);
}

size_t workspace_bytes(const OpRun *run)
{
    return most_videos(run) * sizeof(Mix);
}

} // namespace

extern const CudaOp cuda_op_mix_rows = { "mix_rows", forward, backward, workspace_bytes };
