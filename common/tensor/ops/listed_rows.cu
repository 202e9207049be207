/*
 * listed_rows: rows by their numbers.
 *
 *   y_i = x_(list_i)        no gradient: for inference
 *
 *   x  [stored, ...]   list  indices [rows, 1]   y  [rows, ...]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

__global__ void take(Elements all, const float *x, const uint32_t *list, float *y)
{
    FOR_ELEMENTS (i, all)
        y[i] = x[list[i / all.width] * all.width + i % all.width];
}

enum { X, LIST };

void forward(const OpRun *run)
{
    LAUNCH_ELEMENTS(take, run, &run->output, run->input[X].data, run->input[LIST].indices,
                    run->output.data);
}

} // namespace

extern const CudaOp cuda_op_listed_rows = { "listed_rows", forward, nullptr };
