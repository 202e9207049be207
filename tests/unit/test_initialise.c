/* Initial values: fixed bits, the right distribution, the same for any number of threads. */
#include "suite.h"
#include "common/learn/initialise.h"
#include "common/base/parallel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MANY ((size_t)1 << 20)

static real values[MANY], again[MANY];

/* Expected values: tests/golden/print_initial_values.py, which knows Philox and nothing of ours. */
static void begins_with(Initializer initializer, size_t first, size_t count, const double *expected)
{
    initialise(values, first, count, initializer, 5, "head/weights");
    for (size_t i = 0; i < count; i++)
        ck_assert_msg(values[i] == (real)expected[i], "%zu: %.9g, not %.9g", i, (double)values[i],
                      expected[i]);
}

START_TEST(draws_are_those_of_the_definition)
{
    begins_with((Initializer){ INITIALIZE_CONSTANT, 0.25, 0 }, 0, 3,
                (double[]){ 0.25, 0.25, 0.25 });
    begins_with(
        (Initializer){ INITIALIZE_UNIFORM, -1, 2 }, 0, 6,
        (double[]){ 1.19518022, 0.182949313, 1.7365961, 1.75787185, -0.691311301, -0.107407393 });
    begins_with(
        (Initializer){ INITIALIZE_NORMAL, 0.5, 2 }, 0, 6,
        (double[]){ 1.73608744, -0.0361726414, 3.20883888, 3.30063164, -2.03044005, -0.56303061 });
    begins_with((Initializer){ INITIALIZE_TRUNCATED_NORMAL, 0, 0.1 }, 1000000, 4,
                (double[]){ -0.0460992277, 0.151197889, -0.0742518399, -0.0206453773 });
}
END_TEST

/* Mean, variance and fourth moment over MANY draws. */
static void has_moments(Initializer initializer, double mean, double variance, double fourth)
{
    double sums[3] = { 0 };
    initialise(values, 0, MANY, initializer, 1, "moments");
    for (size_t i = 0; i < MANY; i++) {
        double d = (double)values[i] - mean;
        sums[0] += d;
        sums[1] += d * d;
        sums[2] += d * d * d * d;
    }
    // six standard errors of each mean over 2^20 independent draws, of a standard deviation near 1
    ck_assert_double_eq_tol(sums[0] / MANY, 0, 6.0 / 1024);
    ck_assert_double_eq_tol(sums[1] / MANY, variance, 6 * 1.5 / 1024);
    ck_assert_double_eq_tol(sums[2] / MANY, fourth, 6 * 9.8 / 1024);
}

START_TEST(draws_have_the_moments_of_their_distribution)
{
    has_moments((Initializer){ INITIALIZE_UNIFORM, -1, 3 }, 1, 4.0 / 3, 16.0 / 5);
    has_moments((Initializer){ INITIALIZE_NORMAL, 2, 1 }, 2, 1, 3);
    // cut at 2 sigma, f = phi(2) / (2 Phi(2) - 1) = 0.0565639: 1 - 4 f; 3 - 3 * 4 f - 16 f
    has_moments((Initializer){ INITIALIZE_TRUNCATED_NORMAL, 0, 1 }, 0, 0.773741, 1.416210);
    for (size_t i = 0; i < MANY; i++)
        ck_assert(fabs((double)values[i]) <= 2);
}
END_TEST

START_TEST(normal_draws_fill_ten_equal_parts_equally)
{
    static const double edges[9] = {
        -1.2815515655446004, -0.8416212335729143, -0.5244005127080409, -0.2533471031357997, 0,
        0.2533471031357997,  0.5244005127080407,  0.8416212335729143,  1.2815515655446004
    };
    size_t counts[10] = { 0 };
    double chi_squared = 0;
    initialise(values, 0, MANY, (Initializer){ INITIALIZE_NORMAL, 0, 1 }, 3, "deciles");
    for (size_t i = 0; i < MANY; i++) {
        size_t part = 0;
        while (part < 9 && (double)values[i] > edges[part])
            part++;
        counts[part]++;
    }
    for (size_t i = 0; i < 10; i++)
        chi_squared += pow((double)counts[i] - MANY / 10.0, 2) / (MANY / 10.0);
    ck_assert_double_lt(chi_squared, 27.88); // 99.9 % of chi squared with 9 degrees of freedom
}
END_TEST

START_TEST(threads_and_pieces_change_no_bit)
{
    Initializer normal = { INITIALIZE_NORMAL, 0, 1 };
    parallel_threads(1);
    initialise(values, 0, 100001, normal, 9, "x");
    parallel_threads(3);
    initialise(again, 0, 50000, normal, 9, "x");
    initialise(again + 50000, 50000, 50001, normal, 9, "x");
    ck_assert_mem_eq(values, again, 100001 * sizeof *values);
}
END_TEST

START_TEST(names_and_seeds_draw_apart)
{
    Initializer uniform = { INITIALIZE_UNIFORM, 0, 1 };
    initialise(values, 0, 100, uniform, 1, "a");
    initialise(again, 0, 100, uniform, 1, "b");
    ck_assert_mem_ne(values, again, 100 * sizeof *values);
    initialise(again, 0, 100, uniform, 2, "a");
    ck_assert_mem_ne(values, again, 100 * sizeof *values);
}
END_TEST

int main(void)
{
    return RUN_SUITE("initialise", draws_are_those_of_the_definition,
                     draws_have_the_moments_of_their_distribution,
                     normal_draws_fill_ten_equal_parts_equally, threads_and_pieces_change_no_bit,
                     names_and_seeds_draw_apart);
}
