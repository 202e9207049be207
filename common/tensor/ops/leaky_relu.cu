/*
 * leaky_relu: a positive part that leaks, element by element.
 *
 *   y  = x where x > 0, else slope x
 *   dx = dy where y > 0, else slope dy (y has x's sign)
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/elements.cuh"

namespace
{

struct LeakyRelu {
    float slope;

    static LeakyRelu of(const OpRun *run)
    {
        return { (float)*(const double *)run->attributes };
    }

    __device__ float value(float x) const
    {
        return x > 0 ? x : slope * x;
    }

    __device__ float gradient(float y, float dy) const
    {
        return y > 0 ? dy : slope * dy;
    }
};

} // namespace

extern const CudaOp cuda_op_leaky_relu = { "leaky_relu", forward_elements<LeakyRelu>,
                                           backward_elements<LeakyRelu> };
