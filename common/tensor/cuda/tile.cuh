/*
 * A tile of a matrix product, 64 x 128, by a block of threads: on tensor cores where the device computes
 * in tf32 or bfloat16 and has them, else by ordinary multiplications. Sums are float32, in one order.
 *
 * What is multiplied is a Problem:
 *
 *   Extent extent() const
 *   float a(unsigned m, unsigned k) const      factors: from memory, or made when they are read;
 *   float b(unsigned k, unsigned n) const      rounded here, on their way to shared memory
 *
 * While one piece of the inner axis is multiplied, the next one is read into registers.
 */
#ifndef PODIUM_TENSOR_CUDA_TILE_CUH
#define PODIUM_TENSOR_CUDA_TILE_CUH

#include "common/tensor/cuda/kernel.cuh"
#include "common/tensor/cuda/mma.cuh"
#include "common/tensor/cuda/round.cuh"

#define TILE_HEIGHT 64
#define TILE_WIDTH 128
#define TILE_WORDS 16  // of the inner axis: 16 numbers, or 32 in bfloat16
#define TILE_STRIDE 20 // words from row to row: what a warp reads at once meets in no bank

/* The warps of a block stand 2 high and 4 wide, each with 32 x 32 numbers: 2 x 4 products of mma. */
#define TILE_DOWN 2
#define TILE_ACROSS 4
#define WARPS_WIDE 4

struct Extent {
    unsigned height, width, inner;
};

template <Precision P> struct Tile {
    static constexpr unsigned NUMBERS = P == PRECISION_BF16 ? 2 : 1; // of a word
    static constexpr unsigned FETCHED = TILE_WORDS / 4; // words of a row that a thread brings
    static constexpr unsigned DEPTH = TILE_WORDS * NUMBERS;

    typedef uint32_t Row[TILE_STRIDE];
    typedef float Fetched[FETCHED][NUMBERS];

    float sum[TILE_DOWN][TILE_ACROSS][4]; // of this thread: C of mma.cuh
    const float *row_sums; // [TILE_HEIGHT]: of a's rows over the inner axis, not rounded

    /* ---- where this thread stands ---- */

    static __device__ unsigned lane()
    {
        return threadIdx.x % WARP;
    }

    static __device__ unsigned first_row()
    {
        return threadIdx.x / WARP / WARPS_WIDE * 16 * TILE_DOWN;
    }

    static __device__ unsigned first_column()
    {
        return threadIdx.x / WARP % WARPS_WIDE * 8 * TILE_ACROSS;
    }

    /* What it brings: words lane % 4, + 4, ... of this row, of each TILE_HEIGHT rows. */
    static __device__ unsigned own_row()
    {
        return threadIdx.x / 4;
    }

    /* ---- factors: on their way to shared memory ---- */

    template <class At>
    static __device__ void fetch(Fetched &to, bool there, unsigned k0, unsigned inner, At at)
    {
        for (unsigned j = 0; j < FETCHED; j++)
            for (unsigned i = 0; i < NUMBERS; i++) {
                unsigned k = k0 + (lane() % 4 + 4 * j) * NUMBERS + i;
                to[j][i] = there && k < inner ? at(k) : 0;
            }
    }

    static __device__ uint32_t word_of(const float (&x)[NUMBERS])
    {
        if constexpr (P == PRECISION_BF16)
            return bfloat16_of(x[0]) | (uint32_t)bfloat16_of(x[1]) << 16;
        else
            return __float_as_uint(P == PRECISION_TF32 ? tf32_of(x[0]) : x[0]);
    }

    static __device__ void store(Row &to, const Fetched &from)
    {
        for (unsigned j = 0; j < FETCHED; j++)
            to[lane() % 4 + 4 * j] = word_of(from[j]);
    }

    static __device__ float total(const Fetched &from)
    {
        float sum = 0;
        for (unsigned j = 0; j < FETCHED; j++)
            for (unsigned i = 0; i < NUMBERS; i++)
                sum += from[j][i];
        return sum;
    }

    /* ---- products ---- */

    __device__ void add_by_mma(const Row *a, const Row *b)
    {
        unsigned l = lane();
        for (unsigned word = 0; word < TILE_WORDS; word += 8) {
            uint32_t left[TILE_DOWN][4], right[TILE_ACROSS / 2][4]; // of right: two products
            for (unsigned i = 0; i < TILE_DOWN; i++)
                mma_load(left[i], &a[first_row() + 16 * i + l % 16][word + l / 16 * 4]);
            for (unsigned j = 0; j < TILE_ACROSS / 2; j++)
                mma_load(right[j],
                         &b[first_column() + 16 * j + l / 16 * 8 + l % 8][word + l / 8 % 2 * 4]);
            for (unsigned i = 0; i < TILE_DOWN; i++)
                for (unsigned j = 0; j < TILE_ACROSS; j++)
                    if constexpr (P == PRECISION_BF16)
                        mma_bf16(sum[i][j], left[i], right[j / 2] + j % 2 * 2);
                    else
                        mma_tf32(sum[i][j], left[i], right[j / 2] + j % 2 * 2);
        }
    }

    static __device__ float product(uint32_t a, uint32_t b)
    {
        if constexpr (P == PRECISION_BF16)
            return __uint_as_float(a << 16) * __uint_as_float(b << 16)
                + __uint_as_float(a & 0xffff0000u) * __uint_as_float(b & 0xffff0000u);
        else
            return __uint_as_float(a) * __uint_as_float(b);
    }

    __device__ void add_by_loops(const Row *a, const Row *b)
    {
        for (unsigned word = 0; word < TILE_WORDS; word++) {
            uint32_t left[TILE_DOWN][2], right[TILE_ACROSS][2];
            for (unsigned i = 0; i < TILE_DOWN; i++)
                for (unsigned half = 0; half < 2; half++)
                    left[i][half] = a[first_row() + 16 * i + 8 * half + lane() / 4][word];
            for (unsigned j = 0; j < TILE_ACROSS; j++)
                for (unsigned half = 0; half < 2; half++)
                    right[j][half] = b[first_column() + 8 * j + lane() % 4 * 2 + half][word];
            for (unsigned i = 0; i < TILE_DOWN; i++)
                for (unsigned j = 0; j < TILE_ACROSS; j++)
                    for (unsigned c = 0; c < 4; c++)
                        sum[i][j][c] += product(left[i][c / 2], right[j][c % 2]);
        }
    }

    /* The tile of a problem whose first row and column are m0 and n0; all threads of the block. */
    template <class Problem> __device__ void multiply(const Problem &p, unsigned m0, unsigned n0)
    {
        alignas(16) __shared__ Row a[2][TILE_HEIGHT], b[2][TILE_WIDTH];
        __shared__ float totals[TILE_HEIGHT];
        Fetched next_a, next_b[TILE_WIDTH / TILE_HEIGHT];
        Extent all = p.extent();
        unsigned row = own_row();
        bool idle = n0 + first_column() >= all.width || m0 + first_row() >= all.height;
        float own_total = 0;
        auto fetch_all = [&](unsigned k0) {
            fetch(next_a, m0 + row < all.height, k0, all.inner,
                  [&](unsigned k) { return p.a(m0 + row, k); });
            for (unsigned q = 0; q < TILE_WIDTH / TILE_HEIGHT; q++) {
                unsigned n = n0 + row + q * TILE_HEIGHT;
                fetch(next_b[q], n < all.width, k0, all.inner,
                      [&](unsigned k) { return p.b(k, n); });
            }
        };
        auto store_all = [&](unsigned turn) {
            own_total += total(next_a);
            store(a[turn][row], next_a);
            for (unsigned q = 0; q < TILE_WIDTH / TILE_HEIGHT; q++)
                store(b[turn][row + q * TILE_HEIGHT], next_b[q]);
        };
        for (auto &of_row : sum)
            for (auto &of_product : of_row)
                for (float &one : of_product)
                    one = 0;
        fetch_all(0);
        __syncthreads(); // what was read of shared memory the last time has been read
        store_all(0);
        for (unsigned k0 = 0, turn = 0; k0 < all.inner; k0 += DEPTH, turn = !turn) {
            bool more = k0 + DEPTH < all.inner;
            __syncthreads();
            if (more)
                fetch_all(k0 + DEPTH);
            if (!idle) {
                if constexpr (HAS_MMA && P != PRECISION_FLOAT32)
                    add_by_mma(a[turn], b[turn]);
                else
                    add_by_loops(a[turn], b[turn]);
            }
            if (more)
                store_all(!turn);
        }
        own_total += __shfl_xor_sync(0xffffffffu, own_total, 1);
        own_total += __shfl_xor_sync(0xffffffffu, own_total, 2);
        if (lane() % 4 == 0)
            totals[row] = own_total;
        __syncthreads();
        row_sums = totals;
    }

    /* ---- what came out ---- */

    /* Rows of this thread: visit(own, row), own from 0 to 2 TILE_DOWN - 1. */
    template <class Visit> static __device__ void each_row(Visit visit)
    {
        for (unsigned own = 0; own < 2 * TILE_DOWN; own++)
            visit(own, first_row() + 8 * own + lane() / 4);
    }

    /* Its numbers: visit(own, row, column, sum). */
    template <class Visit> __device__ void each(Visit visit) const
    {
        each_row([&](unsigned own, unsigned row) {
            for (unsigned j = 0; j < TILE_ACROSS; j++)
                for (unsigned half = 0; half < 2; half++)
                    visit(own, row, first_column() + 8 * j + lane() % 4 * 2 + half,
                          sum[own / 2][j][own % 2 * 2 + half]);
        });
    }

    /* All columns' numbers of each of this thread's rows put together, the same in every thread. */
    static __device__ void sum_columns(float (&own_sums)[2 * TILE_DOWN])
    {
        __shared__ float parts[WARPS_WIDE][TILE_HEIGHT];
        for (float &one : own_sums) {
            one += __shfl_xor_sync(0xffffffffu, one, 1);
            one += __shfl_xor_sync(0xffffffffu, one, 2);
        }
        __syncthreads();
        each_row([&](unsigned own, unsigned row) {
            if (lane() % 4 == 0)
                parts[threadIdx.x / WARP % WARPS_WIDE][row] = own_sums[own];
        });
        __syncthreads();
        each_row([&](unsigned own, unsigned row) {
            own_sums[own] = 0;
            for (auto &part : parts)
                own_sums[own] += part[row];
        });
    }
};

#endif
