/*
 * Matrix products within each video, or within each part (group) of a video, in tiles.
 *
 * Videos is a kernel's argument that says what belongs to one of them: of(video, part). A Problem is
 * made of that, and says besides what tile.cuh asks for where a product goes:
 *
 *   void put(unsigned m, unsigned n, float sum, float row_sum) const   row_sum: of a's row m
 */
#ifndef PODIUM_TENSOR_CUDA_BY_VIDEO_CUH
#define PODIUM_TENSOR_CUDA_BY_VIDEO_CUH

#include "common/tensor/cuda/tile.cuh"

template <Precision P, class Problem>
static __device__ inline void put_tile(const Problem &p, unsigned m0, unsigned n0)
{
    Tile<P> tile;
    Extent all = p.extent();
    tile.multiply(p, m0, n0);
    tile.each([&](unsigned, unsigned row, unsigned column, float sum) {
        if (m0 + row < all.height && n0 + column < all.width)
            p.put(m0 + row, n0 + column, sum, tile.row_sums[row]);
    });
}

/* Products whose height and width are the same for all videos: a grid of tiles for each. */
template <Precision P, class Problem, class Videos>
static __global__ void __launch_bounds__(BLOCK, 2)
    multiply_videos(Videos all, const uint32_t *videos, unsigned parts)
{
    if (blockIdx.x >= *videos)
        return;
    Problem problem = { all.of(blockIdx.x, blockIdx.y % parts) };
    put_tile<P>(problem, blockIdx.y / parts * TILE_HEIGHT, blockIdx.z * TILE_WIDTH);
}

/*
 * Products whose height is a video's number of vectors, `each` a row: tiles of all videos one after
 * another. Video v owns the tiles from floor(first_v / TILE_HEIGHT) + v on, which are enough for it:
 * floor(b) - floor(a) + 1 is at least b - a.
 */
struct VectorTiles {
    const uint32_t *offsets, *videos;
    size_t each;

    __device__ size_t first(size_t video) const
    {
        return offsets[video] * each / TILE_HEIGHT + video;
    }

    __device__ size_t video_of(size_t tile) const
    {
        size_t low = 0, high = *videos;
        while (high - low > 1) {
            size_t middle = (low + high) / 2;
            if (first(middle) <= tile)
                low = middle;
            else
                high = middle;
        }
        return low;
    }
};

/* What is done with a tile of vectors, all of whose columns are `width`. */
struct PutTiles {
    template <Precision P, class Problem> static __device__ void run(const Problem &p, unsigned m0)
    {
        put_tile<P>(p, m0, blockIdx.y * TILE_WIDTH);
    }

    static unsigned blocks(size_t width)
    {
        return (unsigned)cuda_divide_up(width, TILE_WIDTH);
    }
};

template <Precision P, class Problem, class Tiles, class Videos>
static __global__ void __launch_bounds__(BLOCK, 2) multiply_vectors(Videos all, VectorTiles tiles)
{
    if (*tiles.videos == 0)
        return;
    size_t video = tiles.video_of(blockIdx.x);
    Problem problem = { all.of(video, blockIdx.z) };
    size_t m0 = (blockIdx.x - tiles.first(video)) * TILE_HEIGHT;
    if (m0 < problem.extent().height)
        Tiles::template run<P>(problem, (unsigned)m0);
}

/* One of three kernels: that of the device's precision. */
template <class Kernel>
static Kernel of_precision(const OpRun *run, Kernel float32, Kernel tf32, Kernel bf16)
{
    Precision precision = run->device->precision;
    return precision == PRECISION_BF16 ? bf16 : precision == PRECISION_TF32 ? tf32 : float32;
}

template <class Problem, class Videos>
static void by_video(const OpRun *run, const Videos &all, size_t height, size_t width, size_t parts)
{
    auto kernel = of_precision(run, multiply_videos<PRECISION_FLOAT32, Problem, Videos>,
                               multiply_videos<PRECISION_TF32, Problem, Videos>,
                               multiply_videos<PRECISION_BF16, Problem, Videos>);
    dim3 grid((unsigned)run->groups, (unsigned)(cuda_divide_up(height, TILE_HEIGHT) * parts),
              (unsigned)cuda_divide_up(width, TILE_WIDTH));
    LAUNCH(kernel, grid, BLOCK, run, all, run->group_count, (unsigned)parts);
}

/* x: the tensor whose rows are split by video, `each` vectors a row. */
template <class Problem, class Tiles = PutTiles, class Videos>
static void by_vector(const OpRun *run, const Videos &all, const OpTensor *x, size_t each,
                      size_t width, size_t parts)
{
    auto kernel = of_precision(run, multiply_vectors<PRECISION_FLOAT32, Problem, Tiles, Videos>,
                               multiply_vectors<PRECISION_TF32, Problem, Tiles, Videos>,
                               multiply_vectors<PRECISION_BF16, Problem, Tiles, Videos>);
    dim3 grid((unsigned)(x->rows * each / TILE_HEIGHT + run->groups + 1), Tiles::blocks(width),
              (unsigned)parts);
    LAUNCH(kernel, grid, BLOCK, run, all, VectorTiles{ x->offsets, run->group_count, each });
}

#endif
