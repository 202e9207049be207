/*
 * dense_targets, dense_mask: ragged labels as a matrix.
 *
 *   targets_bc = the score of the last label of row b that names class c, 0 where none does
 *   mask_bc    = 1 where a label of row b names class c, else 0
 *
 *   classes  indices [labels, 1]   scores  real [labels, 1]   targets, mask  [batch, class count]
 */
#include "common/tensor/cuda/kernel.cuh"

namespace
{

/* A block for each row; the labels of a row one after another, so that the last one stays. */
__global__ void spread(Elements rows, const uint32_t *classes, const float *scores,
                       const uint32_t *offsets, float *targets)
{
    FOR_ROWS (row, rows) {
        float *to = targets + row * rows.width;
        FOR_COLUMNS (c, rows.width)
            to[c] = 0;
        __syncthreads();
        if (threadIdx.x == 0)
            for (size_t label = offsets[row]; label < offsets[row + 1]; label++)
                to[classes[label]] = scores ? scores[label] : 1;
        __syncthreads();
    }
}

enum { CLASSES, SCORES };

void forward(const OpRun *run)
{
    LAUNCH_ROWS(spread, run, &run->output, run->input[CLASSES].indices, run->input[SCORES].data,
                run->input[CLASSES].offsets, run->output.data);
}

} // namespace

extern const CudaOp cuda_op_dense_targets = { "dense_targets", forward, nullptr };
