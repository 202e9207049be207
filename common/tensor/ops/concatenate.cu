/*
 * concatenate: tensors side by side along the last axis.
 *
 *   y = [x_1 | x_2 | ...]        dx_i = its part of dy
 *
 *   x_i, dx_i  [rows, ..., width_i]   y, dy  [rows, ..., sum of widths]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void put(Elements part, const float *x, size_t width, float *y, size_t all, size_t at)
{
    FOR_ELEMENTS (i, part)
        y[i / width * all + at + i % width] = x[i];
}

__global__ void pass(Elements part, float *dx, size_t width, const float *dy, size_t all, size_t at,
                     bool adds)
{
    FOR_ELEMENTS (i, part)
        give(dx + i, dy[i / width * all + at + i % width], adds);
}

size_t last_axis(const OpTensor *x)
{
    return x->shape.axes[x->shape.rank - 1];
}

void forward(const OpRun *run)
{
    size_t all = last_axis(&run->output), at = 0;
    for (size_t part = 0; part < run->input_count; part++) {
        const OpTensor *x = &run->input[part];
        LAUNCH_ELEMENTS(put, run, x, x->data, last_axis(x), run->output.data, all, at);
        at += last_axis(x);
    }
}

void backward(const OpRun *run)
{
    size_t all = last_axis(&run->output), at = 0;
    for (size_t part = 0; part < run->input_count; part++) {
        const OpTensor *x = &run->input[part];
        if (x->gradient)
            LAUNCH_ELEMENTS(pass, run, x, x->gradient, last_axis(x), run->output.gradient, all, at,
                            run->accumulate[part]);
        at += last_axis(x);
    }
}

} // namespace

extern const CudaOp cuda_op_concatenate = { "concatenate", forward, backward };
