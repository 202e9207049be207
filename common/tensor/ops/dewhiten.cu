/*
 * dewhiten: features given back the spread that the dataset's whitening took.
 *
 *   y_j  = (x_j - 4/512) s_j        s_j = sqrt(e_j) + 1e-4,  e_j: eigenvalue j of the dataset's PCA
 *   dx_j = dy_j s_j
 *
 *   x, y, dx, dy  [rows, width]   e  [width], no gradient   s  [width], kept
 *
 * Source: spec/models 1.3; the NeXtVLAD authors' released code.
 */
#include "common/tensor/cuda/kernel.cuh"

#define OFFSET (4.0f / 512) // half a step of the bytes, which dequantising added
#define LEAST 1e-4f

namespace
{

__global__ void spread(const float *eigenvalues, float *s, size_t width)
{
    size_t j = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    if (j < width)
        s[j] = sqrtf(eigenvalues[j]) + LEAST;
}

__global__ void apply(Elements all, const float *x, const float *s, float *y)
{
    FOR_ROWS (row, all)
        FOR_COLUMNS (j, all.width)
            y[row * all.width + j] = (x[row * all.width + j] - OFFSET) * s[j];
}

__global__ void pass(Elements all, const float *dy, const float *s, float *dx, bool adds)
{
    FOR_ROWS (row, all)
        FOR_COLUMNS (j, all.width)
            give(dx + row * all.width + j, dy[row * all.width + j] * s[j], adds);
}

enum { X, EIGENVALUES };

void forward(const OpRun *run)
{
    size_t width = run->output.width;
    LAUNCH(spread, (unsigned)cuda_divide_up(width, BLOCK), BLOCK, run, run->input[EIGENVALUES].data,
           run->kept[0], width);
    LAUNCH_ROWS(apply, run, &run->output, run->input[X].data, run->kept[0], run->output.data);
}

void backward(const OpRun *run)
{
    if (run->input[X].gradient)
        LAUNCH_ROWS(pass, run, &run->output, run->output.gradient, run->kept[0],
                    run->input[X].gradient, run->accumulate[X]);
}

} // namespace

extern const CudaOp cuda_op_dewhiten = { "dewhiten", forward, backward };
