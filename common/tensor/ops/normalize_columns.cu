/*
 * normalize_columns: every column of a row's matrix scaled to unit length (intra-normalisation).
 *
 *   i_k   = 1 / sqrt(max(sum_f x_fk^2, TINY))        y_fk = x_fk i_k
 *   dx_fk = (dy_fk - y_fk a_k) i_k                   a_k = sum_f dy_fk y_fk; 0 where the sum is below TINY
 *
 *   x, y, dx, dy  [rows, f, K]   i  [rows, K], kept   a  [rows, K], scratch
 *
 * Source: spec/models 5.1, step 8; Arandjelovic and Zisserman 2013.
 */
#include "common/tensor/cuda/kernel.cuh"

#define TINY 1e-12f // TensorFlow's: a column of zeros stays zero instead of becoming NaN
#define TILE 32     // columns of a block
#define LANES 8     // threads that share a column

namespace
{

/* The sum of what a column's threads have, in their order, for all of them. */
__device__ float sum_of_lanes(float own)
{
    __shared__ float lanes[LANES][TILE];
    __syncthreads(); // what was read of it the last time has been read
    lanes[threadIdx.y][threadIdx.x] = own;
    __syncthreads();
    float sum = 0;
    for (int lane = 0; lane < LANES; lane++)
        sum += lanes[lane][threadIdx.x];
    return sum;
}

__global__ void normalize(Elements all, size_t K, const float *xs, float *ys, float *inverses)
{
    size_t k = (size_t)blockIdx.y * TILE + threadIdx.x, f = all.width / K;
    FOR_ROWS (row, all) {
        const float *x = xs + row * all.width + k;
        float *y = ys + row * all.width + k, sum = 0;
        for (size_t i = threadIdx.y; k < K && i < f; i += LANES)
            sum += x[i * K] * x[i * K];
        float inverse = 1 / sqrtf(fmaxf(sum_of_lanes(sum), TINY));
        for (size_t i = threadIdx.y; k < K && i < f; i += LANES)
            y[i * K] = x[i * K] * inverse;
        if (k < K && threadIdx.y == 0)
            inverses[row * K + k] = inverse;
    }
}

__global__ void pass(Elements all, size_t K, const float *ys, const float *dys,
                     const float *inverses, float *dxs, bool adds)
{
    size_t k = (size_t)blockIdx.y * TILE + threadIdx.x, f = all.width / K;
    FOR_ROWS (row, all) {
        size_t first = row * all.width + k;
        float along = 0, inverse = k < K ? inverses[row * K + k] : 0;
        for (size_t i = threadIdx.y; k < K && i < f; i += LANES)
            along += dys[first + i * K] * ys[first + i * K];
        along = sum_of_lanes(along); // what would only change a column's length...
        along =
            inverse < 1 / sqrtf(TINY) ? along : 0; // ...of which there is none where it isn't used
        for (size_t i = threadIdx.y; k < K && i < f; i += LANES) {
            float d = dys[first + i * K] - ys[first + i * K] * along;
            give(dxs + first + i * K, d * inverse, adds);
        }
    }
}

dim3 grid(const OpRun *run)
{
    return dim3(cuda_blocks(run->output.rows),
                (unsigned)cuda_divide_up(run->output.shape.axes[1], TILE));
}

void forward(const OpRun *run)
{
    LAUNCH(normalize, grid(run), dim3(TILE, LANES), run, elements_of(&run->output),
           run->output.shape.axes[1], run->input[0].data, run->output.data, run->kept[0]);
}

void backward(const OpRun *run)
{
    LAUNCH(pass, grid(run), dim3(TILE, LANES), run, elements_of(&run->output),
           run->output.shape.axes[1], run->output.data, run->output.gradient, run->kept[0],
           run->input[0].gradient, run->accumulate[0]);
}

} // namespace

extern const CudaOp cuda_op_normalize_columns = { "normalize_columns", forward, backward };
