/*
 * add: the sum of two tensors of one shape.
 *
 *   z  = x + y
 *   dx = dz        dy = dz
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void sum(Elements all, const float *x, const float *y, float *z)
{
    FOR_ELEMENTS (i, all)
        z[i] = x[i] + y[i];
}

__global__ void pass(Elements all, const float *dz, float *dx, bool adds)
{
    FOR_ELEMENTS (i, all)
        give(dx + i, dz[i], adds);
}

void forward(const OpRun *run)
{
    LAUNCH_ELEMENTS(sum, run, &run->output, run->input[0].data, run->input[1].data,
                    run->output.data);
}

void backward(const OpRun *run)
{
    for (int input = 0; input < 2; input++)
        if (run->input[input].gradient)
            LAUNCH_ELEMENTS(pass, run, &run->output, run->output.gradient,
                            run->input[input].gradient, run->accumulate[input]);
}

} // namespace

extern const CudaOp cuda_op_add = { "add", forward, backward };
