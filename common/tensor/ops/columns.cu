/*
 * columns: a part of the last axis.
 *
 *   y_j = x_(begin + j)        dx_(begin + j) = dy_j
 *
 *   x, dx  [rows, ..., all]   y, dy  [rows, ..., width]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

struct Range { // as the op's attributes are
    size_t begin, width;
};

__global__ void take(Elements all, const float *x, size_t x_width, Range range, float *y)
{
    FOR_ELEMENTS (i, all)
        y[i] = x[i / range.width * x_width + range.begin + i % range.width];
}

/* Over all of dx: what is not in the range gets nothing. */
__global__ void pass(Elements all, const float *dy, size_t x_width, Range range, float *dx,
                     bool adds)
{
    FOR_ELEMENTS (i, all) {
        size_t column = i % x_width;
        bool taken = column >= range.begin && column - range.begin < range.width;
        float d = taken ? dy[i / x_width * range.width + column - range.begin] : 0;
        give(dx + i, d, adds);
    }
}

size_t width_of_x(const OpRun *run)
{
    return run->input[0].shape.axes[run->input[0].shape.rank - 1];
}

void forward(const OpRun *run)
{
    const Range *range = (const Range *)run->attributes;
    LAUNCH_ELEMENTS(take, run, &run->output, run->input[0].data, width_of_x(run), *range,
                    run->output.data);
}

void backward(const OpRun *run)
{
    const Range *range = (const Range *)run->attributes;
    LAUNCH_ELEMENTS(pass, run, &run->input[0], run->output.gradient, width_of_x(run), *range,
                    run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_columns = { "columns", forward, backward };
