/*
 * softmax: the last axis as probabilities.
 *
 *   y_j  = e^(x_j - m) / sum_k e^(x_k - m)        m = max_k x_k
 *   dx_j = y_j (dy_j - <dy, y>)
 *
 *   x, y, dx, dy  [rows, ..., width]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

template <int T> __global__ void soften(Vectors all, const float *xs, float *ys)
{
    FOR_VECTORS (i, T, all) {
        const float *x = xs + i * all.width;
        float *y = ys + i * all.width, largest = x[0], sum = 0;
        FOR_LANE (j, T, all.width)
            largest = fmaxf(largest, x[j]);
        largest = team_largest<T>(largest);
        FOR_LANE (j, T, all.width) {
            y[j] = expf(x[j] - largest);
            sum += y[j];
        }
        sum = team_sum<T>(sum);
        FOR_LANE (j, T, all.width)
            y[j] /= sum;
    }
}

template <int T>
__global__ void pass(Vectors all, const float *ys, const float *dys, float *dxs, bool adds)
{
    FOR_VECTORS (i, T, all) {
        const float *y = ys + i * all.width, *dy = dys + i * all.width;
        float *dx = dxs + i * all.width, along = 0;
        FOR_LANE (j, T, all.width)
            along += dy[j] * y[j];
        along = team_sum<T>(along);
        FOR_LANE (j, T, all.width)
            give(dx + j, y[j] * (dy[j] - along), adds);
    }
}

size_t width_of_vector(const OpRun *run)
{
    return run->output.shape.axes[run->output.shape.rank - 1];
}

void forward(const OpRun *run)
{
    LAUNCH_VECTORS(soften, run, &run->output, width_of_vector(run), run->input[0].data,
                   run->output.data);
}

void backward(const OpRun *run)
{
    LAUNCH_VECTORS(pass, run, &run->output, width_of_vector(run), run->output.data,
                   run->output.gradient, run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_softmax = { "softmax", forward, backward };
