/* Products by a matrix that is laid out once. */
#include "common/base/philox.h"
#include "common/tensor/cpu/packed_product.h"
#include "suite.h"

#include <math.h>
#include <string.h>

static Arena arena;

static real *numbers(size_t n, const char *purpose)
{
    Failure failure = { 0 };
    real *x;
    ck_assert(arena_array(&arena, x, n, &failure));
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        philox(philox_key(3, purpose), 0, i, words);
        x[i] = (real)(2 * philox_uniform(words[0]) - 1);
    }
    return x;
}

static double element(Matrix x, size_t i, size_t j)
{
    return (double)(x.transpose == AS_IS ? x.data[i * x.stride + j] : x.data[j * x.stride + i]);
}

static void setup(void)
{
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
}

static void check_product(size_t k, size_t n, Transpose transpose)
{
    Matrix b = { numbers(k * n, "b"), transpose == AS_IS ? n : k, transpose };
    PackedMatrix packed = packed_matrix(k, n, b, numbers(packed_elements(k, n), "panels"));
    const real *a = numbers(PACKED_ROWS * k, "a"), *row[PACKED_ROWS];
    for (size_t i = 0; i < PACKED_ROWS; i++)
        row[i] = a + i * k;
    for (size_t panel = 0; panel < packed_panels(n); panel++) {
        real sums[PACKED_ROWS][PACKED_COLUMNS];
        packed_product(&packed, panel, PACKED_ROWS, row, sums);
        for (size_t i = 0; i < PACKED_ROWS; i++)
            for (size_t j = 0; j < PACKED_COLUMNS; j++) {
                size_t column = panel * PACKED_COLUMNS + j;
                double sum = 0;
                for (size_t s = 0; column < n && s < k; s++)
                    sum += (double)row[i][s] * element(b, s, column);
                // k terms of size 1 in float: an error near sqrt(k) 6e-8
                ck_assert_double_eq_tol((double)sums[i][j], sum, 1e-6 * (1 + sqrt((double)k)));
            }
    }
}

START_TEST(products_are_those_of_the_definition)
{
    setup();
    check_product(1, 1, AS_IS);
    check_product(70, 16, AS_IS);
    check_product(33, 50, AS_IS);
    check_product(33, 50, TRANSPOSED);
    check_product(1024, 31, TRANSPOSED);
}
END_TEST

START_TEST(a_rows_bits_are_its_own_whatever_stands_beside)
{
    enum { K = 301 };
    setup();
    Matrix b = { numbers(K * PACKED_COLUMNS, "b"), PACKED_COLUMNS, AS_IS };
    PackedMatrix packed =
        packed_matrix(K, PACKED_COLUMNS, b, numbers(packed_elements(K, PACKED_COLUMNS), "panels"));
    const real *a = numbers(PACKED_ROWS * K, "a"), *row[PACKED_ROWS];
    for (size_t i = 0; i < PACKED_ROWS; i++)
        row[i] = a + i * K;
    real all[PACKED_ROWS][PACKED_COLUMNS], own[PACKED_ROWS][PACKED_COLUMNS];
    packed_product(&packed, 0, PACKED_ROWS, row, all);
    for (size_t i = 0; i < PACKED_ROWS; i++)
        for (size_t rows = 1; i + rows <= PACKED_ROWS; rows++) {
            packed_product(&packed, 0, rows, row + i, own);
            ck_assert(memcmp(own, all + i, rows * sizeof *own) == 0);
        }
}
END_TEST

int main(void)
{
    return RUN_SUITE("packed product", products_are_those_of_the_definition,
                     a_rows_bits_are_its_own_whatever_stands_beside);
}
