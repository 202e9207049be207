/*
 * What the kernels of ops/NAME.cu stand on: launches, loops over what is valid, and sums within a
 * team of threads, always in one order.
 *
 * How many threads there are depends on the most rows that a run may have; how many rows are valid
 * is read from the device's memory, so a recorded run serves any number of them.
 */
#ifndef PODIUM_TENSOR_CUDA_KERNEL_CUH
#define PODIUM_TENSOR_CUDA_KERNEL_CUH

#include "common/tensor/cuda/state.h"
#include "common/tensor/ops.h"

/* kernel<<<grid, block>>>(arguments) in the order of the run. */
#ifndef CUDA_LAUNCH
#define CUDA_LAUNCH(kernel, grid, block, stream, ...)                                              \
    kernel<<<(grid), (block), 0, (stream)>>>(__VA_ARGS__)
#endif
#define LAUNCH(kernel, grid, block, run, ...)                                                      \
    CUDA_LAUNCH(kernel, grid, block, (run)->device->stream, __VA_ARGS__)

#define BLOCK 256        // threads of a block
#define MOST_BLOCKS 8192 // more wait in line anyway: kernels loop
#define WARP 32

/* An op's kernels, as the registry of the build finds them: `cuda_op_NAME` for ops/NAME.cu. */
typedef struct CudaOp {
    const char *name;
    void (*forward)(const OpRun *run);
    void (*backward)(const OpRun *run);          // NULL: no gradient passes
    size_t (*workspace_bytes)(const OpRun *run); // NULL: none
} CudaOp;

extern const CudaOp *const cuda_ops[]; // NULL ends them

static inline size_t cuda_divide_up(size_t a, size_t b)
{
    return a / b + (a % b != 0);
}

static inline unsigned cuda_blocks(size_t pieces)
{
    return (unsigned)(pieces == 0 ? 1 : pieces > MOST_BLOCKS ? MOST_BLOCKS : pieces);
}

/* ---- loops over elements: of all valid rows ---- */

struct Elements {
    const uint32_t *count; // valid rows
    size_t width;

    __device__ size_t all() const
    {
        return (size_t)*count * width;
    }
};

static inline Elements elements_of(const OpTensor *x)
{
    return Elements{ x->count, x->width };
}

#define FOR_ELEMENTS(i, elements)                                                                  \
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x, end_ = (elements).all();        \
         i < end_; i += (size_t)gridDim.x * blockDim.x)

#define LAUNCH_ELEMENTS(kernel, run, x, ...)                                                       \
    LAUNCH(kernel, cuda_blocks(cuda_divide_up((x)->rows *(x)->width, BLOCK)), BLOCK, run,          \
           elements_of(x), __VA_ARGS__)

/* ---- loops over rows and columns, where an element must know its column ---- */

#define FOR_ROWS(row, elements)                                                                    \
    for (size_t row = blockIdx.x, rows_ = *(elements).count; row < rows_; row += gridDim.x)

#define FOR_COLUMNS(j, width) for (size_t j = threadIdx.x; j < (width); j += blockDim.x)

#define LAUNCH_ROWS(kernel, run, x, ...)                                                           \
    LAUNCH(kernel, cuda_blocks((x)->rows), (x)->width < 64 ? 64 : BLOCK, run, elements_of(x),      \
           __VA_ARGS__)

/* Write a gradient, or add to what is there: OpRun.accumulate. */
static __device__ inline void give(float *to, float value, bool adds)
{
    *to = adds ? *to + value : value;
}

/* ---- vectors, each for a team of T threads: a warp, or a block ---- */

struct Vectors {
    const uint32_t *count; // valid rows
    size_t each, width;    // vectors of a row, elements of a vector

    __device__ size_t all() const
    {
        return (size_t)*count * each;
    }
};

template <int T> static __device__ inline size_t team_first()
{
    return (size_t)blockIdx.x * (BLOCK / T) + threadIdx.x / T;
}

template <int T> static __device__ inline size_t team_count()
{
    return (size_t)gridDim.x * (BLOCK / T);
}

template <int T> static __device__ inline size_t team_lane()
{
    return threadIdx.x % T;
}

#define FOR_VECTORS(i, T, vectors)                                                                 \
    for (size_t i = team_first<T>(), end_ = (vectors).all(); i < end_; i += team_count<T>())

#define FOR_LANE(j, T, width) for (size_t j = team_lane<T>(); j < (width); j += T)

/* Long vectors get a block, short ones a warp. */
#define LAUNCH_VECTORS(kernel, run, x, vector_width, ...)                                          \
    do {                                                                                           \
        Vectors vectors_ = { (x)->count, (x)->width / (vector_width), (vector_width) };            \
        size_t most_ = (x)->rows * vectors_.each;                                                  \
        if ((vector_width) >= 1024)                                                                \
            LAUNCH(kernel<BLOCK>, cuda_blocks(most_), BLOCK, run, vectors_, __VA_ARGS__);          \
        else                                                                                       \
            LAUNCH(kernel<WARP>, cuda_blocks(cuda_divide_up(most_, BLOCK / WARP)), BLOCK, run,     \
                   vectors_, __VA_ARGS__);                                                         \
    } while (0)

struct Plus {
    template <class Number> __device__ Number operator()(Number a, Number b) const
    {
        return a + b;
    }
};

struct Larger {
    template <class Number> __device__ Number operator()(Number a, Number b) const
    {
        return a > b ? a : b;
    }
};

/*
 * All lanes' values put together, the same in every lane: pairs within a warp, then the warps one
 * after another.
 */
template <int T, class Combine, class Number>
static __device__ inline Number team_combine(Number value, Combine combine)
{
    for (int distance = WARP / 2; distance > 0; distance /= 2)
        value = combine(value, __shfl_xor_sync(0xffffffffu, value, distance));
    if constexpr (T > WARP) {
        __shared__ Number of_warp[BLOCK / WARP];
        __syncthreads(); // what was read of it the last time has been read
        if (threadIdx.x % WARP == 0)
            of_warp[threadIdx.x / WARP] = value;
        __syncthreads();
        value = of_warp[0];
        for (int warp = 1; warp < T / WARP; warp++)
            value = combine(value, of_warp[warp]);
    }
    return value;
}

template <int T, class Number> static __device__ inline Number team_sum(Number value)
{
    return team_combine<T>(value, Plus());
}

template <int T> static __device__ inline float team_largest(float value)
{
    return team_combine<T>(value, Larger());
}

/* ---- functions of one number ---- */

static __device__ inline float sigmoid_of(float x)
{
    return 1 / (1 + expf(-x));
}

/* ln(1 + e^x) without overflow */
static __device__ inline float softplus_of(float x)
{
    return fmaxf(x, 0) + log1pf(expf(-fabsf(x)));
}

#endif
