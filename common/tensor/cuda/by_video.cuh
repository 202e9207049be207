/*
 * Matrix products within each video: tiles of 64 x 64, a block of threads each, every thread 4 x 4
 * numbers of it. The sum over the inner axis has one order.
 *
 * A product is a type with
 *
 *   Problem of(size_t video) const     its part of one video: height, width, inner
 *   float a(size_t m, size_t k)        of a Problem; a_along_inner: neighbours along k lie together
 *   float b(size_t k, size_t n)        the same with b_along_inner
 *   void put(size_t m, size_t n, float sum)
 */
#ifndef PODIUM_TENSOR_CUDA_BY_VIDEO_CUH
#define PODIUM_TENSOR_CUDA_BY_VIDEO_CUH

#include "common/tensor/cuda/kernel.cuh"

#define TILE 64
#define TILE_INNER 16
#define TILE_OWN 4 // rows and columns of one thread

/* One tile of a problem, whose first row and column are m0 and n0. */
template <class Problem>
static __device__ inline void multiply_tile(const Problem &p, size_t m0, size_t n0)
{
    __shared__ float a[TILE_INNER][TILE + 4], b[TILE_INNER][TILE + 4];
    float sum[TILE_OWN][TILE_OWN] = {};
    unsigned row = threadIdx.x / (TILE / TILE_OWN) * TILE_OWN;
    unsigned column = threadIdx.x % (TILE / TILE_OWN) * TILE_OWN;
    for (size_t k0 = 0; k0 < p.inner; k0 += TILE_INNER) {
        for (unsigned t = threadIdx.x; t < TILE * TILE_INNER; t += BLOCK) {
            unsigned k = Problem::a_along_inner ? t % TILE_INNER : t / TILE;
            unsigned m = Problem::a_along_inner ? t / TILE_INNER : t % TILE;
            bool there = m0 + m < p.height && k0 + k < p.inner;
            a[k][m] = there ? p.a(m0 + m, k0 + k) : 0;
            k = Problem::b_along_inner ? t % TILE_INNER : t / TILE;
            m = Problem::b_along_inner ? t / TILE_INNER : t % TILE;
            there = n0 + m < p.width && k0 + k < p.inner;
            b[k][m] = there ? p.b(k0 + k, n0 + m) : 0;
        }
        __syncthreads();
        for (unsigned k = 0; k < TILE_INNER; k++)
            for (unsigned i = 0; i < TILE_OWN; i++)
                for (unsigned j = 0; j < TILE_OWN; j++)
                    sum[i][j] += a[k][row + i] * b[k][column + j];
        __syncthreads();
    }
    for (unsigned i = 0; i < TILE_OWN; i++)
        for (unsigned j = 0; j < TILE_OWN; j++)
            if (m0 + row + i < p.height && n0 + column + j < p.width)
                p.put(m0 + row + i, n0 + column + j, sum[i][j]);
}

/* Products whose height and width are the same for all videos: a grid of tiles for each. */
template <class Product>
static __global__ void multiply_videos(Product product, const uint32_t *videos)
{
    if (blockIdx.x < *videos)
        multiply_tile(product.of(blockIdx.x), (size_t)blockIdx.y * TILE, (size_t)blockIdx.z * TILE);
}

#define LAUNCH_VIDEOS(Product, run, product, most_height, most_width)                              \
    LAUNCH(multiply_videos<Product>,                                                               \
           dim3((unsigned)(run)->groups, (unsigned)cuda_divide_up(most_height, TILE),              \
                (unsigned)cuda_divide_up(most_width, TILE)),                                       \
           BLOCK, run, product, (run)->group_count)

/*
 * Products whose height is a video's number of vectors: tiles of all videos one after another. Video
 * v owns the tiles from floor(first_v / TILE) + v on, which are enough for it: floor(b) - floor(a) + 1
 * is at least b - a.
 */
static __device__ inline size_t first_tile(const uint32_t *offsets, size_t each, size_t video)
{
    return offsets[video] * each / TILE + video;
}

static __device__ inline size_t video_of_tile(const uint32_t *offsets, size_t each, size_t videos,
                                              size_t tile)
{
    size_t low = 0, high = videos;
    while (high - low > 1) {
        size_t middle = (low + high) / 2;
        if (first_tile(offsets, each, middle) <= tile)
            low = middle;
        else
            high = middle;
    }
    return low;
}

template <class Product>
static __global__ void multiply_vectors(Product product, const uint32_t *offsets, size_t each,
                                        const uint32_t *videos)
{
    if (*videos == 0)
        return;
    size_t video = video_of_tile(offsets, each, *videos, blockIdx.x);
    auto problem = product.of(video);
    size_t m0 = (blockIdx.x - first_tile(offsets, each, video)) * TILE;
    if (m0 < problem.height)
        multiply_tile(problem, m0, (size_t)blockIdx.y * TILE);
}

/* x: the tensor whose rows are split by video, `each` vectors a row. */
#define LAUNCH_VECTORS_OF_VIDEOS(Product, run, product, x, each, most_width)                       \
    LAUNCH(multiply_vectors<Product>,                                                              \
           dim3((unsigned)((x)->rows * (each) / TILE + (run)->groups + 1),                         \
                (unsigned)cuda_divide_up(most_width, TILE)),                                       \
           BLOCK, run, product, (x)->offsets, (size_t)(each), (run)->group_count)

#endif
