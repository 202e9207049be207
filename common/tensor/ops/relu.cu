/*
 * relu: the positive part, element by element.
 *
 *   y  = max(x, 0)
 *   dx = dy where y > 0, else 0
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/elements.cuh"

namespace
{

struct Relu {
    static Relu of(const OpRun *)
    {
        return {};
    }

    __device__ float value(float x) const
    {
        return x > 0 ? x : 0;
    }

    __device__ float gradient(float y, float dy) const
    {
        return y > 0 ? dy : 0;
    }
};

} // namespace

extern const CudaOp cuda_op_relu = { "relu", forward_elements<Relu>, backward_elements<Relu> };
