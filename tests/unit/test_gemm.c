#include "suite.h"
#include "common/base/parallel.h"
#include "common/base/philox.h"
#include "common/tensor/cpu/gemm.h"
#include "common/tensor/cpu/packed_product.h"
#include "common/tensor/cpu/reduce.h"
#include "common/tensor/cpu/small_product.h"

#include <math.h>
#include <string.h>

static Arena arena;
static Blas blas;

static void setup(void)
{
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    ck_assert_msg(blas_load(&blas, &arena, &failure), "%s", failure.message);
}

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

/* Element (i, j) of what a product uses. */
static double element(Matrix x, size_t i, size_t j)
{
    return (double)(x.transpose == AS_IS ? x.data[i * x.stride + j] : x.data[j * x.stride + i]);
}

static void check_product(size_t m, size_t n, size_t k, Transpose ta, Transpose tb, real beta)
{
    Matrix a = { numbers(m * k, "a"), ta == AS_IS ? k : m, ta };
    Matrix b = { numbers(k * n, "b"), tb == AS_IS ? n : k, tb };
    Matrix c = { numbers(m * n, "c"), n, AS_IS };
    real *before = numbers(m * n, "c");
    gemm(&blas, m, n, k, a, b, beta, c);
    for (size_t i = 0; i < m; i += 1 + m / 7)
        for (size_t j = 0; j < n; j += 1 + n / 7) {
            double sum = (double)beta * (double)before[i * n + j];
            for (size_t l = 0; l < k; l++)
                sum += element(a, i, l) * element(b, l, j);
            // k terms of size 1 in float: an error near sqrt(k) 6e-8
            ck_assert_double_eq_tol((double)c.data[i * n + j], sum, 1e-6 * (1 + sqrt((double)k)));
        }
}

START_TEST(products_are_those_of_the_definition)
{
    setup();
    check_product(1, 1, 1, AS_IS, AS_IS, 0);
    check_product(300, 520, 64, AS_IS, AS_IS, 0);
    check_product(257, 1030, 33, AS_IS, TRANSPOSED, 1);
    check_product(600, 70, 129, TRANSPOSED, AS_IS, 1);
    check_product(3, 2000, 5, TRANSPOSED, TRANSPOSED, 0);
    check_product(70, 250, 4600, AS_IS, TRANSPOSED, 0); // cut in both directions
    check_product(1000, 68, 2500, TRANSPOSED, AS_IS, 1);
}
END_TEST

START_TEST(a_bias_is_added_to_every_row)
{
    setup();
    size_t m = 300, n = 1100, k = 9; // several panels
    Matrix a = { numbers(m * k, "a"), k, AS_IS }, b = { numbers(k * n, "b"), n, AS_IS };
    Matrix c = { numbers(m * n, "c"), n, AS_IS };
    real *bias = numbers(n, "bias");
    gemm_with_bias(&blas, m, n, k, a, b, bias, c);
    for (size_t i = 0; i < m; i += 13)
        for (size_t j = 0; j < n; j += 7) {
            double sum = (double)bias[j];
            for (size_t l = 0; l < k; l++)
                sum += element(a, i, l) * element(b, l, j);
            ck_assert_double_eq_tol((double)c.data[i * n + j], sum, 1e-5);
        }
}
END_TEST

/* What BLAS is asked for a slice doesn't depend on how many there are: all at once, or two and the rest. */
START_TEST(slices_have_the_same_bits_however_many_are_multiplied_at_once)
{
    setup();
    static const uint32_t first[] = { 0, 37, 37, 70, 300 }, rest[] = { 0, 33, 263 };
    size_t m = 600, n = 1100, k = 90; // two rows of the matrices for each of a slice
    real *a = numbers(m * k, "a"), *b = numbers(k * n, "b"), *bias = numbers(n, "bias");
    real *c = numbers(m * n, "c"), *d = numbers(m * n, "d"), *sum = numbers(k * n, "sum");
    real *parts = numbers(k * n, "parts"), *rows = numbers(m * n, "rows");
    Slices all = { first, 4, 2 }, begin = { first, 2, 2 }, end = { rest, 2, 2 };
    Matrix A = { a, k, AS_IS }, B = { b, n, AS_IS };
    gemm_by_slices(&blas, all, m, n, k, A, B, bias, 0, (Matrix){ c, n, AS_IS });
    gemm_by_slices(&blas, begin, 74, n, k, A, B, bias, 0, (Matrix){ d, n, AS_IS });
    gemm_by_slices(&blas, end, m - 74, n, k, (Matrix){ a + 74 * k, k, AS_IS }, B, bias, 0,
                   (Matrix){ d + 74 * n, n, AS_IS });
    ck_assert_mem_eq(c, d, m * n * sizeof *c);
    gemm_over_slices(&blas, all, k, n, m, (Matrix){ a, k, TRANSPOSED }, (Matrix){ rows, n, AS_IS },
                     0, (Matrix){ sum, n, AS_IS });
    gemm_over_slices(&blas, begin, k, n, 74, (Matrix){ a, k, TRANSPOSED },
                     (Matrix){ rows, n, AS_IS }, 0, (Matrix){ parts, n, AS_IS });
    gemm_over_slices(&blas, end, k, n, m - 74, (Matrix){ a + 74 * k, k, TRANSPOSED },
                     (Matrix){ rows + 74 * n, n, AS_IS }, 1, (Matrix){ parts, n, AS_IS });
    ck_assert_mem_eq(sum, parts, k * n * sizeof *sum);
    for (size_t i = 0; i < k; i += 11)
        for (size_t j = 0; j < n; j += 97) {
            double expected = 0;
            for (size_t l = 0; l < m; l++)
                expected += (double)a[l * k + i] * (double)rows[l * n + j];
            ck_assert_double_eq_tol((double)sum[i * n + j], expected, 1e-6 * (1 + sqrt((double)m)));
        }
}
END_TEST

START_TEST(an_empty_sum_is_zero)
{
    setup();
    real c[4] = { 1, 2, 3, 4 };
    gemm(&blas, 2, 2, 0, (Matrix){ c, 1, AS_IS }, (Matrix){ c, 2, AS_IS }, 1,
         (Matrix){ c, 2, AS_IS });
    ck_assert(c[3] == 4);
    gemm(&blas, 2, 2, 0, (Matrix){ c, 1, AS_IS }, (Matrix){ c, 2, AS_IS }, 0,
         (Matrix){ c, 2, AS_IS });
    ck_assert(c[0] == 0 && c[3] == 0);
}
END_TEST

START_TEST(bits_do_not_depend_on_the_number_of_threads)
{
    setup();
    size_t m = 530, n = 1500, k = 311;
    real *a = numbers(m * k, "a"), *b = numbers(k * n, "b"), *first = numbers(m * n, "c"),
         *again = numbers(m * n, "c");
    double sum = 0;
    for (size_t threads = 1; threads <= 5; threads++) {
        real *c = threads == 1 ? first : again;
        parallel_threads(threads);
        gemm(&blas, m, n, k, (Matrix){ a, k, AS_IS }, (Matrix){ b, n, AS_IS }, 0,
             (Matrix){ c, n, AS_IS });
        ck_assert_mem_eq(first, c, m * n * sizeof *c);
        double squares = reduce_sum_of_squares(c, m * n);
        ck_assert(threads == 1 || squares == sum);
        sum = squares;
    }
}
END_TEST

START_TEST(long_sums_are_exact_to_a_float)
{
    setup();
    size_t n = 3000001;
    real *x = numbers(n, "x");
    double sum = 0, squares = 0;
    for (size_t i = 0; i < n; i++) {
        sum += (double)x[i];
        squares += (double)x[i] * (double)x[i];
    }
    ck_assert_double_eq_tol(reduce_sum(x, n), sum, 1e-2);
    ck_assert_double_eq_tol(reduce_sum_of_squares(x, n) / squares, 1, 1e-7);
    reduce_add_scaled(x, x, 1, n);
    ck_assert_double_eq_tol(reduce_sum_of_squares(x, n) / squares, 4, 1e-6);
    reduce_clear(x, n);
    ck_assert(reduce_sum_of_squares(x, n) == 0);
}
END_TEST

START_TEST(the_kernels_are_the_profiles)
{
    setup();
    ck_assert_ptr_nonnull(strstr(blas.description, "OpenBLAS"));
    ck_assert_msg(strstr(blas.description, "Haswell") || strstr(blas.description, "SkylakeX"), "%s",
                  blas.description);
}
END_TEST

/* How many elements of a small product have other bits than BLAS's. */
static size_t count_other_bits(size_t m, size_t n, size_t k, Transpose ta, Transpose tb, real beta)
{
    Matrix a = { numbers(m * k, "a"), ta == AS_IS ? k : m, ta };
    Matrix b = { numbers(k * n, "b"), tb == AS_IS ? n : k, tb };
    Matrix c = { numbers(m * n, "c"), n, AS_IS };
    real *by_blas = numbers(m * n, "c");
    size_t other = 0;
    small_product(m, n, k, a, b, beta, c);
    blas.gemm(101, ta, tb, (int)m, (int)n, (int)k, 1, a.data, (int)a.stride, b.data, (int)b.stride,
              beta, by_blas, (int)n);
    for (size_t i = 0; i < m * n; i++)
        other += memcmp(&c.data[i], &by_blas[i], sizeof *by_blas) != 0;
    return other;
}

/* In double, and by the kernels of the native profile, these sums may have another order. */
START_TEST(small_products_have_the_bits_of_blas)
{
    static const Transpose kinds[] = { AS_IS, TRANSPOSED };
    size_t other = 0, small = 0;
    setup();
    for (size_t m = 1; m <= 37; m += m < 9 ? 1 : 7)
        for (size_t n = 1; n <= 32; n += n < 9 ? 1 : 5)
            for (size_t k = 1; k <= 64; k += k < 9 ? 1 : 11)
                for (unsigned kind = 0; kind < 8 && small_product_pays(m, n, k); kind++) {
                    Arena before = arena;
                    other += count_other_bits(m, n, k, kinds[kind & 1], kinds[kind >> 1 & 1],
                                              (real)(kind >> 2));
                    small += m * n;
                    arena = before;
                }
    ck_assert_uint_gt(small, 100000);
#ifndef PODIUM_NATIVE
    ck_assert_uint_eq(other, 0);
#endif
}
END_TEST

static void check_packed(size_t k, size_t n, Transpose transpose)
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

START_TEST(packed_products_are_those_of_the_definition)
{
    setup();
    check_packed(1, 1, AS_IS);
    check_packed(70, 16, AS_IS);
    check_packed(33, 50, AS_IS);
    check_packed(33, 50, TRANSPOSED);
    check_packed(1024, 31, TRANSPOSED);
}
END_TEST

START_TEST(a_row_of_a_packed_product_has_the_same_bits_whatever_stands_beside)
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
    return RUN_SUITE("gemm", products_are_those_of_the_definition, a_bias_is_added_to_every_row,
                     slices_have_the_same_bits_however_many_are_multiplied_at_once,
                     an_empty_sum_is_zero, bits_do_not_depend_on_the_number_of_threads,
                     long_sums_are_exact_to_a_float, small_products_have_the_bits_of_blas,
                     packed_products_are_those_of_the_definition,
                     a_row_of_a_packed_product_has_the_same_bits_whatever_stands_beside,
                     the_kernels_are_the_profiles);
}
