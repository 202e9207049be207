/*
 * sigmoid: the logistic function, element by element.
 *
 *   y  = 1 / (1 + e^-x)
 *   dx = dy y (1 - y)
 *
 *   x, y, dx, dy  [rows, ...]
 */
#include "common/tensor/cuda/elements.cuh"

namespace
{

struct Sigmoid {
    static Sigmoid of(const OpRun *)
    {
        return {};
    }

    __device__ float value(float x) const
    {
        return sigmoid_of(x);
    }

    __device__ float gradient(float y, float dy) const
    {
        return dy * y * (1 - y);
    }
};

} // namespace

extern const CudaOp cuda_op_sigmoid = { "sigmoid", forward_elements<Sigmoid>,
                                        backward_elements<Sigmoid> };
