/*
 * leaky_relu: a positive part that leaks, element by element.
 *
 *   y  = x where x > 0, else slope x
 *   dx = dy where y > 0, else slope dy (y has x's sign)
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void apply(Elements all, const float *x, float *y, float slope)
{
    FOR_ELEMENTS (i, all)
        y[i] = x[i] > 0 ? x[i] : slope * x[i];
}

__global__ void pass(Elements all, const float *y, const float *dy, float *dx, bool adds,
                     float slope)
{
    FOR_ELEMENTS (i, all)
        give(dx + i, y[i] > 0 ? dy[i] : slope * dy[i], adds);
}

void forward(const OpRun *run)
{
    float slope = (float)*(const double *)run->attributes;
    LAUNCH_ELEMENTS(apply, run, &run->output, run->input[0].data, run->output.data, slope);
}

void backward(const OpRun *run)
{
    float slope = (float)*(const double *)run->attributes;
    LAUNCH_ELEMENTS(pass, run, &run->output, run->output.data, run->output.gradient,
                    run->input[0].gradient, run->accumulate[0], slope);
}

} // namespace

extern const CudaOp cuda_op_leaky_relu = { "leaky_relu", forward, backward };
