/*
 * Sums over long arrays and what the plan does with them; in double, each in one order that depends
 * on the array's length alone.
 */
#include "common/tensor/cuda/kernel.cuh"

#define PIECE 4096 // elements that a block should have at least

namespace
{

/* The sum of all threads' values, in thread 0: neighbours first, always in the same order. */
__device__ double sum_of_block(double own)
{
    __shared__ double values[BLOCK];
    values[threadIdx.x] = own;
    __syncthreads();
    for (unsigned width = BLOCK / 2; width > 0; width /= 2) {
        if (threadIdx.x < width)
            values[threadIdx.x] += values[threadIdx.x + width];
        __syncthreads();
    }
    return values[0];
}

__global__ void add_rows(const float *x, const uint32_t *count, double *total)
{
    double sum = 0;
    for (size_t i = threadIdx.x; i < *count; i += BLOCK)
        sum += x[i];
    sum = sum_of_block(sum);
    if (threadIdx.x == 0)
        *total += sum;
}

__global__ void add_mean(const double *sum, const uint32_t *all, double weight, double *total)
{
    if (*all)
        *total += weight * *sum / *all;
}

__global__ void add_share(float *gradient, const uint32_t *count, const uint32_t *all,
                          double weight)
{
    size_t stride = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < *count; i += stride)
        gradient[i] += (float)(weight / *all);
}

__global__ void square_pieces(const float *x, size_t n, double *partial)
{
    size_t stride = (size_t)gridDim.x * blockDim.x;
    double sum = 0;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride)
        sum += (double)x[i] * x[i];
    sum = sum_of_block(sum);
    if (threadIdx.x == 0)
        partial[blockIdx.x] = sum;
}

__global__ void add_pieces(const double *partial, unsigned count, double weight, double *total)
{
    double sum = 0;
    for (unsigned i = threadIdx.x; i < count; i += BLOCK)
        sum += partial[i];
    sum = sum_of_block(sum);
    if (threadIdx.x == 0)
        *total += weight * sum;
}

__global__ void add_products(float *y, const float *x, float scale, size_t n)
{
    size_t stride = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < n; i += stride)
        y[i] += scale * x[i];
}

} // namespace

void cuda_add_sum(const Device *device, double *sum, const OpTensor *x)
{
    CUDA_LAUNCH(add_rows, 1, BLOCK, device->state->stream, x->data, x->count, sum);
}

void cuda_add_mean(const Device *device, double *total, const double *sum, const OpTensor *x,
                   double weight)
{
    CUDA_LAUNCH(add_mean, 1, 1, device->state->stream, sum, x->total_at, weight, total);
}

void cuda_add_share(const Device *device, const OpTensor *x, double weight)
{
    CUDA_LAUNCH(add_share, cuda_blocks(cuda_divide_up(x->rows, BLOCK)), BLOCK,
                device->state->stream, x->gradient, x->count, x->total_at, weight);
}

void cuda_add_squares(const Device *device, double *total, const float *x, size_t n, double weight)
{
    DeviceState *state = device->state;
    size_t pieces = cuda_divide_up(n, PIECE);
    unsigned blocks = (unsigned)(pieces < 1 ? 1 : pieces > PARTIAL_SUMS ? PARTIAL_SUMS : pieces);
    CUDA_LAUNCH(square_pieces, blocks, BLOCK, state->stream, x, n, state->partial);
    CUDA_LAUNCH(add_pieces, 1, BLOCK, state->stream, (const double *)state->partial, blocks, weight,
                total);
}

double cuda_sum_of_squares(const Device *device, const float *x, size_t n)
{
    double sum = 0, *total = device->state->partial + PARTIAL_SUMS;
    device->clear(device, total, sizeof *total);
    cuda_add_squares(device, total, x, n, 1);
    device->download(device, &sum, total, sizeof sum);
    return sum;
}

void cuda_add_scaled(const Device *device, float *y, const float *x, float scale, size_t n)
{
    CUDA_LAUNCH(add_products, cuda_blocks(cuda_divide_up(n, PIECE)), BLOCK, device->state->stream,
                y, x, scale, n);
}
