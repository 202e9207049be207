/*
 * gelu: the Gaussian error linear unit, in the form with tanh.
 *
 *   y  = x/2 (1 + tanh(C (x + B x^3))) = x s        s = sigmoid(2 C (x + B x^3))
 *   dx = dy (s + x s (1 - s) 2 C (1 + 3 B x^2))
 *
 *   x, y, dx, dy  [rows, ...]
 *
 * Source: Hendrycks and Gimpel 2016; spec/models 10.2.
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

#define B 0.044715f
#define TWO_C 1.5957691216057308f // C = sqrt(2 / pi)

__global__ void apply(Elements all, const float *x, float *y)
{
    FOR_ELEMENTS (i, all)
        y[i] = x[i] * sigmoid_of(TWO_C * (x[i] + B * x[i] * x[i] * x[i]));
}

__device__ float slope(float x)
{
    float s = sigmoid_of(TWO_C * (x + B * x * x * x));
    return s + x * s * (1 - s) * TWO_C * (1 + 3 * B * x * x);
}

__global__ void pass(Elements all, const float *x, const float *dy, float *dx, bool adds)
{
    FOR_ELEMENTS (i, all)
        give(dx + i, dy[i] * slope(x[i]), adds);
}

void forward(const OpRun *run)
{
    LAUNCH_ELEMENTS(apply, run, &run->output, run->input[0].data, run->output.data);
}

void backward(const OpRun *run)
{
    LAUNCH_ELEMENTS(pass, run, &run->output, run->input[0].data, run->output.gradient,
                    run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_gelu = { "gelu", forward, backward };
