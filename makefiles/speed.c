/*
 * speed: which BLAS kernels the programs use here, and how fast one core multiplies with them.
 * For `make doctor`.
 */
#include "common/base/progress.h"
#include "common/tensor/cpu/blas.h"

#include <stdio.h>

#define WIDTH 768     // three matrices of it stay in a core's own cache or near it
#define ROUNDS 8      // the best of them counts: others may use the machine too
#define ROW_MAJOR 101 // as CBLAS numbers them
#define NO_TRANSPOSE 111

static double seconds_of_product(const Blas *blas, const real *a, const real *b, real *c)
{
    double started = progress_clock();
    blas->gemm(ROW_MAJOR, NO_TRANSPOSE, NO_TRANSPOSE, WIDTH, WIDTH, WIDTH, 1, a, WIDTH, b, WIDTH, 0,
               c, WIDTH);
    return progress_clock() - started;
}

static bool measure(Arena *arena, Failure *failure)
{
    Blas blas;
    real *a, *b, *c;
    double best = 1e9;
    if (!blas_load(&blas, arena, failure) || !arena_array(arena, a, WIDTH * WIDTH, failure)
        || !arena_array(arena, b, WIDTH * WIDTH, failure)
        || !arena_array(arena, c, WIDTH * WIDTH, failure))
        return false;
    for (size_t i = 0; i < WIDTH * WIDTH; i++)
        a[i] = b[i] = (real)1 / WIDTH;
    for (int round = 0; round < ROUNDS; round++) {
        double seconds = seconds_of_product(&blas, a, b, c);
        best = seconds < best ? seconds : best;
    }
    printf("%s, %.0f GFLOP/s a core\n", blas.description, 2e-9 * WIDTH * WIDTH * WIDTH / best);
    return true;
}

int main(void)
{
    Arena arena;
    Failure failure = { 0 };
    bool ok = arena_open(&arena, ARENA_LARGE, &failure) && measure(&arena, &failure);
    arena_close(&arena);
    return ok ? EX_OK : failure_report(&failure, "speed");
}
