/*
 * last_by_video: the last of the rows that belong to each row of the parent axis.
 *
 *   y_v = x_i, i the last row of v        0 where it has none
 *   dx_i = dy_v there, 0 elsewhere
 *
 *   x, dx  [frames, ...]   y, dy  [batch, ...]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void take(Elements videos, const float *x, const uint32_t *offsets, float *y)
{
    FOR_ROWS (video, videos) {
        size_t first = offsets[video], end = offsets[video + 1];
        FOR_COLUMNS (j, videos.width)
            y[video * videos.width + j] = end > first ? x[(end - 1) * videos.width + j] : 0;
    }
}

/* A block for each video goes through its rows. */
__global__ void pass(Elements videos, const float *dy, const uint32_t *offsets, float *dx,
                     bool adds)
{
    FOR_ROWS (video, videos) {
        size_t first = offsets[video], end = offsets[video + 1];
        FOR_COLUMNS (at, (end - first) * videos.width) {
            size_t row = first + at / videos.width, j = at % videos.width;
            give(dx + row * videos.width + j, row + 1 == end ? dy[video * videos.width + j] : 0,
                 adds);
        }
    }
}

void forward(const OpRun *run)
{
    LAUNCH_ROWS(take, run, &run->output, run->input[0].data, run->input[0].offsets,
                run->output.data);
}

void backward(const OpRun *run)
{
    LAUNCH_ROWS(pass, run, &run->output, run->output.gradient, run->input[0].offsets,
                run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_last_by_video = { "last_by_video", forward, backward };
