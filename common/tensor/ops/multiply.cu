/*
 * multiply: the product of two tensors of one shape, element by element.
 *
 *   z  = x y
 *   dx = dz y        dy = dz x
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void product(Elements all, const float *x, const float *y, float *z)
{
    FOR_ELEMENTS (i, all)
        z[i] = x[i] * y[i];
}

__global__ void pass(Elements all, const float *dz, const float *other, float *dx, bool adds)
{
    FOR_ELEMENTS (i, all)
        give(dx + i, dz[i] * other[i], adds);
}

void forward(const OpRun *run)
{
    LAUNCH_ELEMENTS(product, run, &run->output, run->input[0].data, run->input[1].data,
                    run->output.data);
}

void backward(const OpRun *run)
{
    for (int input = 0; input < 2; input++)
        if (run->input[input].gradient)
            LAUNCH_ELEMENTS(pass, run, &run->output, run->output.gradient,
                            run->input[1 - input].data, run->input[input].gradient,
                            run->accumulate[input]);
}

} // namespace

extern const CudaOp cuda_op_multiply = { "multiply", forward, backward };
