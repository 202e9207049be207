#include "common/tensor/cpu/reduce.h"
#include "common/base/parallel.h"
#include "common/tensor/cpu/vector.h"

#include <string.h>

#define PIECE ((size_t)4096) // summed in real, in lanes: an error of a few last digits
#define BLOCK (PIECE * 16)   // summed on one thread
#define BLOCKS_AT_ONCE 512   // partial sums on the stack

typedef struct Sum {
    const real *x;
    size_t n;
    real (*piece)(const real *x, size_t n);
    double *partial; // [blocks at once]
} Sum;

static real sum_piece(const real *x, size_t n)
{
    return real_sum(x, n);
}

static real square_piece(const real *x, size_t n)
{
    return real_dot(x, x, n);
}

static void sum_blocks(void *context, size_t begin, size_t end)
{
    const Sum *sum = context;
    for (size_t block = begin; block < end; block++) {
        size_t from = block * BLOCK, to = sum->n - from < BLOCK ? sum->n : from + BLOCK;
        double total = 0;
        for (size_t i = from; i < to; i += PIECE)
            total += (double)sum->piece(sum->x + i, to - i < PIECE ? to - i : PIECE);
        sum->partial[block] = total;
    }
}

static double reduce(const real *x, size_t n, real (*piece)(const real *, size_t))
{
    double partial[BLOCKS_AT_ONCE], total = 0;
    for (size_t from = 0; from < n; from += BLOCKS_AT_ONCE * BLOCK) {
        size_t part = n - from < BLOCKS_AT_ONCE * BLOCK ? n - from : BLOCKS_AT_ONCE * BLOCK;
        size_t blocks = part / BLOCK + (part % BLOCK != 0);
        Sum sum = { x + from, part, piece, partial };
        parallel_for(blocks, 1, sum_blocks, &sum);
        for (size_t block = 0; block < blocks; block++)
            total += partial[block];
    }
    return total;
}

double reduce_sum(const real *x, size_t n)
{
    return reduce(x, n, sum_piece);
}

double reduce_sum_of_squares(const real *x, size_t n)
{
    return reduce(x, n, square_piece);
}

typedef struct Update {
    real *y;
    const real *x;
    real scale;
} Update;

static void add_piece(void *context, size_t begin, size_t end)
{
    const Update *update = context;
    real *y = update->y;
    const real *x = update->x;
    for (size_t i = begin; i < end; i++)
        y[i] += update->scale * x[i];
}

void reduce_add_scaled(real *y, const real *x, real scale, size_t n)
{
    Update update = { y, x, scale };
    parallel_for(n, BLOCK, add_piece, &update);
}

static void clear_piece(void *context, size_t begin, size_t end)
{
    real *y = ((Update *)context)->y;
    memset(y + begin, 0, (end - begin) * sizeof *y);
}

void reduce_clear(real *x, size_t n)
{
    Update update = { x, NULL, 0 };
    parallel_for(n, BLOCK, clear_piece, &update);
}
