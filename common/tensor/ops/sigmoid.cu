/*
 * sigmoid: the logistic function, element by element.
 *
 *   y  = 1 / (1 + e^-x)
 *   dx = dy y (1 - y)
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void apply(Elements all, const float *x, float *y)
{
    FOR_ELEMENTS (i, all)
        y[i] = sigmoid_of(x[i]);
}

__global__ void pass(Elements all, const float *y, const float *dy, float *dx, bool adds)
{
    FOR_ELEMENTS (i, all)
        give(dx + i, dy[i] * y[i] * (1 - y[i]), adds);
}

void forward(const OpRun *run)
{
    LAUNCH_ELEMENTS(apply, run, &run->output, run->input[0].data, run->output.data);
}

void backward(const OpRun *run)
{
    LAUNCH_ELEMENTS(pass, run, &run->output, run->output.data, run->output.gradient,
                    run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_sigmoid = { "sigmoid", forward, backward };
