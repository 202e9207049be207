/*
 * mean_by_video: the mean over the rows that belong to each row of the parent axis.
 *
 *   y_v  = 1/n_v sum of x_i over the n_v rows i of v        0 where there are none
 *   dx_i = dy_v / n_v
 *
 *   x, dx  [frames, ...]   y, dy  [batch, ...]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

/* A thread for each column of a video: its frames in their order. */
__global__ void mean(Elements videos, const float *x, const uint32_t *offsets, float *y)
{
    size_t column = (size_t)blockIdx.y * blockDim.x + threadIdx.x, width = videos.width;
    FOR_ROWS (video, videos) {
        size_t first = offsets[video], end = offsets[video + 1];
        float sum = 0, share = end > first ? 1 / (float)(end - first) : 0;
        for (size_t row = first; column < width && row < end; row++)
            sum += x[row * width + column];
        if (column < width)
            y[video * width + column] = sum * share;
    }
}

__global__ void pass(Elements videos, const float *dy, const uint32_t *offsets, float *dx,
                     bool adds)
{
    size_t column = (size_t)blockIdx.y * blockDim.x + threadIdx.x, width = videos.width;
    FOR_ROWS (video, videos) {
        size_t first = offsets[video], end = offsets[video + 1];
        float share = end > first ? 1 / (float)(end - first) : 0;
        for (size_t row = first; column < width && row < end; row++)
            give(dx + row * width + column, share * dy[video * width + column], adds);
    }
}

#define COLUMNS 128

dim3 grid(const OpRun *run)
{
    return dim3(cuda_blocks(run->output.rows),
                (unsigned)cuda_divide_up(run->output.width, COLUMNS));
}

void forward(const OpRun *run)
{
    LAUNCH(mean, grid(run), COLUMNS, run, elements_of(&run->output), run->input[0].data,
           run->input[0].offsets, run->output.data);
}

void backward(const OpRun *run)
{
    LAUNCH(pass, grid(run), COLUMNS, run, elements_of(&run->output), run->output.gradient,
           run->input[0].offsets, run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_mean_by_video = { "mean_by_video", forward, backward };
