/*
 * Ops that compute each element of what they give from the element in the same place. Such an op is a
 * Function:
 *
 *   static Function of(const OpRun *run)          with what it is told besides
 *   float value(float x) const                    y
 *   float gradient(float y, float dy) const       dx
 */
#ifndef PODIUM_TENSOR_CUDA_ELEMENTS_CUH
#define PODIUM_TENSOR_CUDA_ELEMENTS_CUH

#include "common/tensor/cuda/kernel.cuh"

template <class Function>
static __global__ void compute_elements(Elements all, Function f, const float *x, float *y)
{
    FOR_ELEMENTS (i, all)
        y[i] = f.value(x[i]);
}

template <class Function>
static __global__ void pass_elements(Elements all, Function f, const float *y, const float *dy,
                                     float *dx, bool adds)
{
    FOR_ELEMENTS (i, all)
        give(dx + i, f.gradient(y[i], dy[i]), adds);
}

template <class Function> static void forward_elements(const OpRun *run)
{
    LAUNCH_ELEMENTS(compute_elements<Function>, run, &run->output, Function::of(run),
                    run->input[0].data, run->output.data);
}

template <class Function> static void backward_elements(const OpRun *run)
{
    LAUNCH_ELEMENTS(pass_elements<Function>, run, &run->output, Function::of(run), run->output.data,
                    run->output.gradient, run->input[0].gradient, run->accumulate[0]);
}

#endif
