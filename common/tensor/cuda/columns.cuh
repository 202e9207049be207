/*
 * Sums over rows, for every column: pieces of so many rows, then the pieces in their order. Two sums
 * at a time, because what needs one often needs two.
 *
 *   term(row, column)       gives what is summed
 *   finish(column, sum)     is told the sums
 */
#ifndef PODIUM_TENSOR_CUDA_COLUMNS_CUH
#define PODIUM_TENSOR_CUDA_COLUMNS_CUH

#include "common/tensor/cuda/kernel.cuh"

#define COLUMN_TILE 32   // columns of a block: a warp reads a line of memory
#define COLUMN_LANES 8   // threads that share a column's piece
#define COLUMN_PIECE 256 // rows of a piece

struct Pair {
    float first, second;
};

/* Rows that are summed over: `each` for each valid row of a tensor. */
struct SumRows {
    const uint32_t *count;
    size_t each, most; // most: of all, for the grid
};

static inline SumRows rows_to_sum(const OpTensor *x, size_t each)
{
    return SumRows{ x->count, each, x->rows * each };
}

static inline size_t column_workspace(size_t rows, size_t columns)
{
    return cuda_divide_up(rows, COLUMN_PIECE) * columns * sizeof(Pair);
}

template <class Term>
static __global__ void column_pieces(Term term, SumRows rows, size_t columns, Pair *pieces)
{
    __shared__ Pair lanes[COLUMN_LANES][COLUMN_TILE];
    size_t column = (size_t)blockIdx.x * COLUMN_TILE + threadIdx.x;
    size_t begin = (size_t)blockIdx.y * COLUMN_PIECE, all = *rows.count * rows.each;
    size_t end = begin + COLUMN_PIECE < all ? begin + COLUMN_PIECE : all;
    Pair sum = { 0, 0 };
    for (size_t row = begin + threadIdx.y; column < columns && row < end; row += COLUMN_LANES) {
        Pair own = term(row, column);
        sum.first += own.first;
        sum.second += own.second;
    }
    lanes[threadIdx.y][threadIdx.x] = sum;
    __syncthreads();
    if (threadIdx.y > 0 || column >= columns)
        return;
    for (int lane = 1; lane < COLUMN_LANES; lane++) {
        sum.first += lanes[lane][threadIdx.x].first;
        sum.second += lanes[lane][threadIdx.x].second;
    }
    pieces[blockIdx.y * columns + column] = sum;
}

template <class Finish>
static __global__ void column_finish(Finish finish, size_t columns, const Pair *pieces,
                                     size_t piece_count)
{
    size_t column = (size_t)blockIdx.x * blockDim.x + threadIdx.x;
    Pair sum = { 0, 0 };
    if (column >= columns)
        return;
    for (size_t piece = 0; piece < piece_count; piece++) {
        sum.first += pieces[piece * columns + column].first;
        sum.second += pieces[piece * columns + column].second;
    }
    finish(column, sum);
}

/* Sum; the op must have asked for column_workspace. */
template <class Term, class Finish>
static void sum_columns(const OpRun *run, SumRows rows, size_t columns, Term term, Finish finish)
{
    size_t pieces = cuda_divide_up(rows.most, COLUMN_PIECE);
    Pair *sums = (Pair *)run->workspace;
    if (pieces > 0)
        LAUNCH(column_pieces<Term>,
               dim3((unsigned)cuda_divide_up(columns, COLUMN_TILE), (unsigned)pieces),
               dim3(COLUMN_TILE, COLUMN_LANES), run, term, rows, columns, sums);
    LAUNCH(column_finish<Finish>, (unsigned)cuda_divide_up(columns, 128), 128, run, finish, columns,
           sums, pieces);
}

#endif
