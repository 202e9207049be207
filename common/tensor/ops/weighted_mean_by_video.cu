/*
 * weighted_mean_by_video: the rows that belong to each row of the parent axis, weighed by the softmax
 * over them of their scores.
 *
 *   a_i  = softmax over the rows i of v of c s_i        y_v  = sum of a_i x_i        0 where there are none
 *   dx_i = a_i dy_v                                     ds_i = c a_i <dy_v, x_i - y_v>
 *
 *   x, dx  [frames, ...]   s, ds  [frames, 1]   y, dy  [batch, ...]   a  [frames, 1], kept
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

enum { X, SCORES };

/* A block for each video: a, then a thread for each column. */
__global__ void mean(Elements videos, const float *x, const float *s, const uint32_t *offsets,
                     float scale, float *a, float *y)
{
    FOR_ROWS (video, videos) {
        size_t first = offsets[video], end = offsets[video + 1], width = videos.width;
        float largest = -INFINITY, sum = 0;
        for (size_t i = first + threadIdx.x; i < end; i += BLOCK)
            largest = fmaxf(largest, scale * s[i]);
        largest = team_largest<BLOCK>(largest);
        for (size_t i = first + threadIdx.x; i < end; i += BLOCK) {
            a[i] = expf(scale * s[i] - largest);
            sum += a[i];
        }
        sum = team_sum<BLOCK>(sum);
        for (size_t i = first + threadIdx.x; i < end; i += BLOCK)
            a[i] /= sum;
        __syncthreads();
        FOR_COLUMNS (j, width) {
            float own = 0;
            for (size_t i = first; i < end; i++)
                own += a[i] * x[i * width + j];
            y[video * width + j] = own;
        }
    }
}

struct Gradients {
    float *dx, *ds; // NULL where not wanted
    bool dx_adds, ds_adds;
};

__global__ void pass(Elements videos, const float *x, const float *y, const float *dys,
                     const uint32_t *offsets, float scale, const float *a, Gradients to)
{
    FOR_ROWS (video, videos) {
        size_t width = videos.width;
        const float *dy = dys + video * width;
        for (size_t i = offsets[video]; i < offsets[video + 1]; i++) {
            float along = 0;
            FOR_COLUMNS (j, width) {
                along += dy[j] * (x[i * width + j] - y[video * width + j]);
                if (to.dx)
                    give(to.dx + i * width + j, a[i] * dy[j], to.dx_adds);
            }
            along = team_sum<BLOCK>(along);
            if (to.ds && threadIdx.x == 0)
                give(to.ds + i, scale * a[i] * along, to.ds_adds);
        }
    }
}

float scale_of(const OpRun *run)
{
    return (float)*(const double *)run->attributes;
}

void forward(const OpRun *run)
{
    const OpTensor *x = &run->input[X];
    LAUNCH(mean, cuda_blocks(run->output.rows), BLOCK, run, elements_of(&run->output), x->data,
           run->input[SCORES].data, x->offsets, scale_of(run), run->kept[0], run->output.data);
}

void backward(const OpRun *run)
{
    const OpTensor *x = &run->input[X], *s = &run->input[SCORES];
    Gradients to = { x->gradient, s->gradient, run->accumulate[X], run->accumulate[SCORES] };
    LAUNCH(pass, cuda_blocks(run->output.rows), BLOCK, run, elements_of(&run->output), x->data,
           run->output.data, run->output.gradient, x->offsets, scale_of(run), run->kept[0], to);
}

} // namespace

extern const CudaOp cuda_op_weighted_mean_by_video = { "weighted_mean_by_video", forward,
                                                       backward };
