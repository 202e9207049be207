/*
 * l2_normalize: the last axis scaled to unit length.
 *
 *   s  = sqrt(max(sum_j x_j^2, TINY))        y = x / s
 *   dx = (dy - y <dy, y>) / s                dx = dy / s where the sum is below TINY
 *
 *   x, y, dx, dy  [rows, ..., width]   s  [rows, ...], kept
 */
#include "common/tensor/cuda/kernel.cuh"

#define TINY 1e-12f // TensorFlow's: a row of zeros stays zero instead of becoming NaN

namespace
{

template <int T> __global__ void normalize(Vectors all, const float *xs, float *ys, float *kept)
{
    FOR_VECTORS (i, T, all) {
        const float *x = xs + i * all.width;
        float *y = ys + i * all.width, sum = 0;
        FOR_LANE (j, T, all.width)
            sum += x[j] * x[j];
        float s = sqrtf(fmaxf(team_sum<T>(sum), TINY));
        if (team_lane<T>() == 0)
            kept[i] = s;
        FOR_LANE (j, T, all.width)
            y[j] = x[j] / s;
    }
}

template <int T>
__global__ void pass(Vectors all, const float *ys, const float *dys, const float *kept, float *dxs,
                     bool adds)
{
    FOR_VECTORS (i, T, all) {
        const float *y = ys + i * all.width, *dy = dys + i * all.width;
        float *dx = dxs + i * all.width, s = kept[i], along = 0;
        FOR_LANE (j, T, all.width)
            along += dy[j] * y[j];
        along = team_sum<T>(along); // what would only change the length
        along = s * s > TINY ? along : 0;
        FOR_LANE (j, T, all.width)
            give(dx + j, (dy[j] - y[j] * along) / s, adds);
    }
}

size_t width_of_vector(const OpRun *run)
{
    return run->output.shape.axes[run->output.shape.rank - 1];
}

void forward(const OpRun *run)
{
    LAUNCH_VECTORS(normalize, run, &run->output, width_of_vector(run), run->input[0].data,
                   run->output.data, run->kept[0]);
}

void backward(const OpRun *run)
{
    LAUNCH_VECTORS(pass, run, &run->output, width_of_vector(run), run->output.data,
                   run->output.gradient, run->kept[0], run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_l2_normalize = { "l2_normalize", forward, backward };
