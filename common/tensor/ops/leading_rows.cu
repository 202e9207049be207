/*
 * leading_rows: the first rows of each row of the parent axis, side by side.
 *
 *   y_vk = x_i, i the k-th row of v, or its last where it has fewer        0 where it has none
 *   dx_i = sum of dy_vk over the k that took it
 *
 *   x, dx  [frames, ...]   y, dy  [batch, count times as wide]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

/* A thread for each column of a video's row. */
__global__ void gather(Elements videos, const float *x, const uint32_t *offsets, size_t width,
                       float *y)
{
    FOR_ROWS (video, videos) {
        size_t first = offsets[video], count = offsets[video + 1] - first;
        FOR_COLUMNS (at, videos.width) {
            size_t k = at / width, row = first + (k < count ? k : count - 1);
            y[video * videos.width + at] = count ? x[row * width + at % width] : 0;
        }
    }
}

/* The same for each column of a row of x; `times`: rows that stand side by side. */
__global__ void pass(Elements videos, const float *dy, const uint32_t *offsets, size_t width,
                     float *dx, bool adds)
{
    size_t times = videos.width / width;
    FOR_ROWS (video, videos) {
        size_t first = offsets[video], count = offsets[video + 1] - first;
        FOR_COLUMNS (at, count * width) {
            size_t k = at / width, stop = k + 1 < count ? k + 1 : times;
            float sum = 0;
            for (; k < stop && k < times; k++)
                sum += dy[video * videos.width + k * width + at % width];
            give(dx + first * width + at, sum, adds);
        }
    }
}

void forward(const OpRun *run)
{
    const OpTensor *x = &run->input[0];
    LAUNCH_ROWS(gather, run, &run->output, x->data, x->offsets, x->width, run->output.data);
}

void backward(const OpRun *run)
{
    const OpTensor *x = &run->input[0];
    LAUNCH_ROWS(pass, run, &run->output, run->output.gradient, x->offsets, x->width, x->gradient,
                run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_leading_rows = { "leading_rows", forward, backward };
