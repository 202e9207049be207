/*
 * relu: the positive part, element by element.
 *
 *   y  = max(x, 0)
 *   dx = dy where y > 0, else 0
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void apply(Elements all, const float *x, float *y)
{
    FOR_ELEMENTS (i, all)
        y[i] = x[i] > 0 ? x[i] : 0;
}

__global__ void pass(Elements all, const float *y, const float *dy, float *dx, bool adds)
{
    FOR_ELEMENTS (i, all)
        give(dx + i, y[i] > 0 ? dy[i] : 0, adds);
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

extern const CudaOp cuda_op_relu = { "relu", forward, backward };
