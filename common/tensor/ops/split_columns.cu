/*
 * split_columns: a matrix cut into parts of equal width, each a matrix of its own.
 *
 *   y_pij = x_i(p width + j)        dx likewise
 *
 *   x, dx  [height, parts width]   y, dy  [parts, height, width]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

struct Parts {
    size_t count, height, width;

    /* Where element `at` of y lies in x. */
    __device__ size_t place(size_t at) const
    {
        size_t row = at / width % height, part = at / width / height;
        return (row * count + part) * width + at % width;
    }
};

__global__ void split(Elements all, Parts parts, const float *x, float *y)
{
    FOR_ELEMENTS (at, all)
        y[at] = x[parts.place(at)];
}

__global__ void join(Elements all, Parts parts, const float *dy, float *dx, bool adds)
{
    FOR_ELEMENTS (at, all)
        give(dx + parts.place(at), dy[at], adds);
}

Parts parts_of(const OpRun *run)
{
    const size_t *y = run->output.shape.axes;
    return Parts{ y[0], y[1], y[2] };
}

void forward(const OpRun *run)
{
    LAUNCH_ELEMENTS(split, run, &run->output, parts_of(run), run->input[0].data, run->output.data);
}

void backward(const OpRun *run)
{
    LAUNCH_ELEMENTS(join, run, &run->output, parts_of(run), run->output.gradient,
                    run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_split_columns = { "split_columns", forward, backward, nullptr };
