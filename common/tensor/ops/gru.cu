/*
 * gru: gated recurrent units, over the frames of each video in their order.
 *
 *   [r, u]_t = sigmoid(g_t + h_t-1 U)     c_t = tanh(a_t + (r_t h_t-1) W)     h before the first is 0
 *   h_t      = u_t h_t-1 + (1 - u_t) c_t
 *
 *   dh_t   = dy_t + what the next frame gives
 *   da_t   = dh_t (1 - u_t) (1 - c_t^2)        s_t = da_t W^T
 *   dg_t   = [s_t h_t-1 r_t (1 - r_t), dh_t (h_t-1 - c_t) u_t (1 - u_t)]
 *   dh_t-1 = dy_t-1 + dh_t u_t + s_t r_t + dg_t U^T
 *   dU = sum over frames of h_t-1^T dg_t       dW = sum over frames of (r_t h_t-1)^T da_t
 *
 * Each step multiplies one row a video, of all videos: what rows of those that have ended give is read by nobody.
 * A run has as many steps as its longest video, rounded up (OpRun.longest); a recorded one repeats them all.
 *
 *   g, dg  [frames, 2 H]   a, da  [frames, H]   U, dU  [H, 2 H]   W, dW  [H, H]   y = h, dy  [frames, H]
 *   r and u  [frames, 2 H], c  [frames, H], kept; backward puts dg and da in their place
 *   r h, h_t-1  scratch [frames, H], for the weights' gradients
 *
 * Source: Cho et al. 2014 in the form of TensorFlow's GRUCell: spec/models 8.1.
 */
#include "common/tensor/cuda/gemm.h"
#include "common/tensor/cuda/kernel.cuh"

namespace
{

enum { GATES, CANDIDATE, GATE_WEIGHTS, CANDIDATE_WEIGHTS };
enum { GATES_KEPT, CANDIDATE_KEPT };
enum { GATE_PANELS, CANDIDATE_PANELS, RESET, PREVIOUS }; // scratch; panels are the CPU's

/* What all kernels of a step read and write. */
struct Step {
    const uint32_t *offsets;
    size_t number, H;
    const float *g, *a;
    float *h, *opened, *c;     // of all frames; opened: r and u
    float *reset, *previous;   // of all frames
    const float *dh;           // dy, of all frames
    float *state, *of_state;   // [batch, H], [batch, 2 H]: h_t-1 or, backward, dg; their product
    float *narrow, *of_narrow; // [batch, H] each: r h or, backward, da; their product
    float *given;              // [batch, H]: to h_t, by the frame behind it

    /* The frame of a video at this step; false where it has none. */
    __device__ bool frame(size_t video, size_t *row) const
    {
        *row = offsets[video] + number;
        return *row < offsets[video + 1];
    }

    __device__ bool is_last(size_t video) const
    {
        return offsets[video] + number + 1 == offsets[video + 1];
    }
};

__global__ void open_gates(Elements videos, Step step)
{
    FOR_ELEMENTS (i, videos) {
        size_t video = i / videos.width, j = i % videos.width, H = step.H, row;
        if (!step.frame(video, &row))
            continue;
        float open = sigmoid_of(step.g[row * 2 * H + j] + (step.number ? step.of_state[i] : 0));
        step.opened[row * 2 * H + j] = open;
        if (j < H && step.number)
            step.narrow[video * H + j] = open * step.state[video * H + j];
    }
}

__global__ void give_states(Elements videos, Step step)
{
    FOR_ELEMENTS (i, videos) {
        size_t video = i / videos.width, j = i % videos.width, H = step.H, row;
        if (!step.frame(video, &row))
            continue;
        float u = step.opened[row * 2 * H + H + j];
        float c = tanhf(step.a[row * H + j] + (step.number ? step.of_narrow[i] : 0));
        float h = (1 - u) * c + (step.number ? u * step.state[i] : 0);
        step.c[row * H + j] = c;
        step.h[row * H + j] = h;
        step.state[i] = h;
    }
}

/* da and du', and dh u, which is given to h_t-1. */
__global__ void close_states(Elements videos, Step step)
{
    FOR_ELEMENTS (i, videos) {
        size_t video = i / videos.width, j = i % videos.width, H = step.H, row;
        if (!step.frame(video, &row))
            continue;
        float dh = step.dh[row * H + j] + (step.is_last(video) ? 0 : step.given[i]);
        float u = step.opened[row * 2 * H + H + j], c = step.c[row * H + j];
        float h = step.number ? step.h[(row - 1) * H + j] : 0;
        float da = dh * (1 - u) * (1 - c * c), du = dh * (h - c) * u * (1 - u);
        step.c[row * H + j] = step.narrow[i] = da;
        step.opened[row * 2 * H + H + j] = step.state[video * 2 * H + H + j] = du;
        step.given[i] = dh * u;
    }
}

/* dr', s r, which is given to h_t-1, and what the weights' gradients are made of. */
__global__ void close_resets(Elements videos, Step step)
{
    FOR_ELEMENTS (i, videos) {
        size_t video = i / videos.width, j = i % videos.width, H = step.H, row;
        if (!step.frame(video, &row))
            continue;
        float h = step.number ? step.h[(row - 1) * H + j] : 0,
              s = step.number ? step.of_narrow[i] : 0;
        float r = step.opened[row * 2 * H + j], dr = s * h * r * (1 - r);
        step.given[i] += s * r;
        step.reset[row * H + j] = r * h;
        step.previous[row * H + j] = h;
        step.opened[row * 2 * H + j] = step.state[video * 2 * H + j] = dr;
    }
}

__global__ void give_all(Elements frames, const float *own, float *gradient, bool adds)
{
    FOR_ELEMENTS (i, frames)
        give(gradient + i, own[i], adds);
}

size_t padded(size_t elements)
{
    return cuda_divide_up(elements, 64) * 64;
}

/* One row a video: three of H numbers, and two of 2 H. */
size_t rows_bytes(const OpRun *run)
{
    size_t narrow = run->groups * run->output.width;
    return (3 * padded(narrow) + 2 * padded(2 * narrow)) * sizeof(float);
}

Step step_of(const OpRun *run)
{
    Step step = {};
    float *rows = (float *)run->workspace;
    size_t each = run->groups * run->output.width, narrow = padded(each);
    step.offsets = run->input[CANDIDATE].offsets;
    step.H = run->output.width;
    step.g = run->input[GATES].data;
    step.a = run->input[CANDIDATE].data;
    step.h = run->output.data;
    step.dh = run->output.gradient;
    step.opened = run->kept[GATES_KEPT];
    step.c = run->kept[CANDIDATE_KEPT];
    step.reset = run->scratch[RESET];
    step.previous = run->scratch[PREVIOUS];
    step.narrow = rows;
    step.of_narrow = rows + narrow;
    step.given = rows + 2 * narrow;
    step.state = rows + 3 * narrow;
    step.of_state = step.state + padded(2 * each);
    return step;
}

/* Rows of videos that never had a frame at some step are multiplied too: by numbers, not by what lay there. */
void clear_rows(const OpRun *run)
{
    cuda_well(run->device, cudaMemsetAsync(run->workspace, 0, rows_bytes(run), run->device->stream),
              "clearing");
}

Elements videos_of(const OpRun *run, size_t width)
{
    return Elements{ run->group_count, width };
}

#define LAUNCH_STEP(kernel, run, width, step)                                                      \
    LAUNCH(kernel, cuda_blocks(cuda_divide_up((run)->groups *(width), BLOCK)), BLOCK, run,         \
           videos_of(run, width), step)

/* to = (adds: to +) one row a video times weights. */
void multiply_rows(const OpRun *run, float *rows, size_t width, const CudaFactor &weights,
                   bool adds, float *to)
{
    char *space = (char *)run->workspace + rows_bytes(run);
    CudaMatrix x = { rows, run->groups, width, run->group_count, 1, nullptr, false };
    cuda_gemm(run, cuda_factor(run, x, &space), weights, nullptr, adds, to);
}

/* Where weights that the device doesn't hold are rounded: behind the rows. */
char *space_of_weights(const OpRun *run)
{
    return (char *)run->workspace + rows_bytes(run)
        + cuda_factor_bytes(run, run->groups, 2 * run->output.width);
}

CudaFactor weights_of(const OpRun *run, size_t i, char **space)
{
    const OpTensor *w = &run->input[i];
    return cuda_factor(run, cuda_rows(w, w->shape.axes[1]), space);
}

void forward(const OpRun *run)
{
    Step step = step_of(run);
    char *space = space_of_weights(run);
    size_t H = step.H;
    CudaFactor U = weights_of(run, GATE_WEIGHTS, &space);
    CudaFactor W = weights_of(run, CANDIDATE_WEIGHTS, &space);
    clear_rows(run);
    for (; step.number < run->longest; step.number++) {
        if (step.number > 0)
            multiply_rows(run, step.state, H, U, false, step.of_state);
        LAUNCH_STEP(open_gates, run, 2 * H, step);
        if (step.number > 0)
            multiply_rows(run, step.narrow, H, W, false, step.of_narrow);
        LAUNCH_STEP(give_states, run, H, step);
    }
}

/* d(weights) = from^T slopes, over all frames; copies in space, given back. */
void give_weights(const OpRun *run, size_t i, float *from, float *slopes)
{
    const OpTensor *w = &run->input[i], *x = &run->input[CANDIDATE];
    size_t H = w->shape.axes[0], width = w->shape.axes[1];
    char *space = (char *)run->workspace;
    if (!w->gradient)
        return;
    CudaMatrix a = { from, x->rows, H, x->count, 1, nullptr, false };
    CudaMatrix b = { slopes, x->rows, width, x->count, 1, nullptr, false };
    CudaFactor rows = cuda_factor(run, a, &space), by = cuda_factor(run, b, &space);
    cuda_gemm(run, cuda_transposed(rows), by, nullptr, run->accumulate[i], w->gradient);
}

void give_input(const OpRun *run, size_t i, const float *own)
{
    const OpTensor *x = &run->input[i];
    if (x->gradient)
        LAUNCH_ELEMENTS(give_all, run, x, own, x->gradient, run->accumulate[i]);
}

void backward(const OpRun *run)
{
    Step step = step_of(run);
    char *space = space_of_weights(run);
    size_t H = step.H;
    CudaFactor U = cuda_transposed(weights_of(run, GATE_WEIGHTS, &space));
    CudaFactor W = cuda_transposed(weights_of(run, CANDIDATE_WEIGHTS, &space));
    clear_rows(run);
    for (size_t steps = run->longest; steps > 0; steps--) {
        step.number = steps - 1;
        LAUNCH_STEP(close_states, run, H, step);
        if (step.number > 0)
            multiply_rows(run, step.narrow, H, W, false, step.of_narrow);
        LAUNCH_STEP(close_resets, run, H, step);
        if (step.number > 0)
            multiply_rows(run, step.state, 2 * H, U, true, step.given);
    }
    give_input(run, GATES, run->kept[GATES_KEPT]);
    give_input(run, CANDIDATE, run->kept[CANDIDATE_KEPT]);
    give_weights(run, GATE_WEIGHTS, step.previous, run->kept[GATES_KEPT]);
    give_weights(run, CANDIDATE_WEIGHTS, step.reset, run->kept[CANDIDATE_KEPT]);
}

/* Rows, their copy, those of the weights; behind the loop, copies of all frames. */
size_t workspace_bytes(const OpRun *run)
{
    size_t H = run->output.width, frames = run->output.rows;
    size_t steps = rows_bytes(run) + cuda_factor_bytes(run, run->groups, 2 * H)
        + cuda_factor_bytes(run, H, 2 * H) + cuda_factor_bytes(run, H, H);
    size_t weights = cuda_factor_bytes(run, frames, H) + cuda_factor_bytes(run, frames, 2 * H);
    return steps > weights ? steps : weights;
}

} // namespace

extern const CudaOp cuda_op_gru = { "gru", forward, backward, workspace_bytes };
