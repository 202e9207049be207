/* Gaussian processes: against the textbook's formulas in numpy, and cases worked by hand. */
#include "suite.h"
#include "common/base/parallel.h"
#include "common/search/acquisition.h"
#include "common/search/box.h"
#include "common/search/cholesky.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define MOST 128

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

/* The numbers of a line of the golden file; how many there are. */
static size_t golden(const char *name, double *values)
{
    char line[8192];
    size_t count = 0, length = strlen(name);
    FILE *file = fopen("tests/golden/gaussian_process.golden", "r");
    ck_assert_ptr_nonnull(file);
    while (count == 0 && fgets(line, sizeof line, file))
        if (strncmp(line, name, length) == 0 && line[length] == ' ')
            for (char *at = line + length, *end; count < MOST; at = end) {
                values[count] = strtod(at, &end);
                if (end == at)
                    break;
                count++;
            }
    fclose(file);
    ck_assert_msg(count > 0, "no %s in the golden file", name);
    return count;
}

static size_t golden_of(const char *name, const char *what, double *values)
{
    char key[64];
    snprintf(key, sizeof key, "%s-%s", name, what);
    return golden(key, values);
}

/* A golden process: its points, values and hyperparameters. */
typedef struct Case {
    double x[MOST], y[MOST], at[MOST];
    size_t count, dimensions, at_count;
    GaussianProcess process;
} Case;

static void open_case(Case *of, const char *name)
{
    double hyper[MOST];
    of->count = golden_of(name, "y", of->y);
    of->dimensions = golden_of(name, "x", of->x) / of->count;
    of->at_count = golden_of(name, "at", of->at) / of->dimensions;
    ck_assert_uint_eq(golden_of(name, "hyper", hyper), of->dimensions + 2);
    ck_assert(process_create(&of->process, of->dimensions, of->count, &arena, &failure));
    memcpy(of->process.hyper.log_length, hyper, of->dimensions * sizeof *hyper);
    of->process.hyper.log_variance = hyper[of->dimensions];
    of->process.hyper.log_noise = hyper[of->dimensions + 1];
}

static const char *const names[] = { "small", "large" };

START_TEST(a_factor_gives_determinant_and_inverse)
{
    // [[4, 2, 0], [2, 5, 2], [0, 2, 5]]: determinant 4 (25 - 4) - 2 (10 - 0) = 64; by Cramer's rule
    const double inverse[9] = { 21.0 / 64, -10.0 / 64, 4.0 / 64,  -10.0 / 64, 20.0 / 64,
                                -8.0 / 64, 4.0 / 64,   -8.0 / 64, 16.0 / 64 };
    double a[9] = { 4, 2, 0, NAN, 5, 2, NAN, NAN, 5 }, found[9], scratch[9];
    ck_assert(cholesky_factor(a, 3));
    ck_assert_double_eq_tol(cholesky_log_determinant(a, 3), log(64), 1e-14);
    cholesky_invert(a, 3, found, scratch);
    for (size_t i = 0; i < 9; i++)
        ck_assert_double_eq_tol(found[i], inverse[i], 1e-15);
}
END_TEST

START_TEST(a_matrix_that_is_not_positive_definite_has_no_factor)
{
    double a[4] = { 1, 2, 2, 1 }, zero[1] = { 0 }, none[1] = { NAN };
    ck_assert(!cholesky_factor(a, 2));
    ck_assert(!cholesky_factor(zero, 1));
    ck_assert(!cholesky_factor(none, 1));
}
END_TEST

START_TEST(predictions_are_those_of_the_textbook)
{
    Case of;
    double mean[MOST], deviation[MOST], scratch[3 * MOST];
    open_case(&of, names[_i]);
    golden_of(names[_i], "mean", mean);
    golden_of(names[_i], "deviation", deviation);
    process_condition(&of.process, of.x, of.y, of.count);
    for (size_t i = 0; i < of.at_count; i++) {
        ProcessPrediction found =
            process_predict(&of.process, of.at + i * of.dimensions, NULL, scratch);
        // inverses of matrices with condition numbers near 1e5 lose 5 of 16 digits
        ck_assert_double_eq_tol(found.mean, mean[i], 1e-10 * fabs(mean[i]) + 1e-10);
        ck_assert_double_eq_tol(found.deviation, deviation[i], 1e-8 * deviation[i]);
    }
}
END_TEST

START_TEST(two_values_predict_as_worked_by_hand)
{
    // standardised -1 and 1; K = [[v + n, k], [k, v + n]], so K^-1 y = (-1, 1) / (v + n - k)
    const double x[2] = { 0, 1 }, y[2] = { 3, 7 }, at[1] = { 0.75 };
    double scratch[6], v = 1.5, n = 0.25;
    GaussianProcess process;
    ck_assert(process_create(&process, 1, 2, &arena, &failure));
    process.hyper = (Hyperparameters){ { 0 }, log(v), log(n) };
    process_condition(&process, x, y, 2);
    double r[3] = { 1, 0.75, 0.25 }, k[3];
    for (size_t i = 0; i < 3; i++)
        k[i] = v * (1 + sqrt(5) * r[i] + 5.0 / 3 * r[i] * r[i]) * exp(-sqrt(5) * r[i]);
    double determinant = (v + n) * (v + n) - k[0] * k[0];
    double variance =
        v - ((v + n) * (k[1] * k[1] + k[2] * k[2]) - 2 * k[0] * k[1] * k[2]) / determinant;
    ProcessPrediction found = process_predict(&process, at, NULL, scratch);
    ck_assert_double_eq_tol(found.mean, 5 + 2 * (k[2] - k[1]) / (v + n - k[0]), 1e-13);
    ck_assert_double_eq_tol(found.deviation, 2 * sqrt(variance), 1e-13);
}
END_TEST

START_TEST(slopes_of_predictions_match_finite_differences)
{
    // central differences with step 1e-4: truncation is near 1e-6 of a slope; a variance, which is a difference of
    // numbers 1e5 times as large, has 11 digits, so its root's differences have 6
    const double step = 1e-4;
    Case of;
    double slopes[2 * MOST], scratch[3 * MOST];
    open_case(&of, names[_i]);
    process_condition(&of.process, of.x, of.y, of.count);
    process_predict(&of.process, of.at, slopes, scratch);
    for (size_t d = 0; d < of.dimensions; d++) {
        double before = of.at[d];
        of.at[d] = before + step;
        ProcessPrediction above = process_predict(&of.process, of.at, NULL, scratch);
        of.at[d] = before - step;
        ProcessPrediction below = process_predict(&of.process, of.at, NULL, scratch);
        of.at[d] = before;
        ck_assert_double_eq_tol(slopes[d], (above.mean - below.mean) / (2 * step),
                                1e-5 * (1 + fabs(slopes[d])));
        ck_assert_double_eq_tol(slopes[of.dimensions + d],
                                (above.deviation - below.deviation) / (2 * step), 1e-5);
    }
}
END_TEST

START_TEST(the_likelihood_is_that_of_the_textbook_and_its_gradient_matches_finite_differences)
{
    const double step = 1e-5;
    Case of;
    double expected[MOST], gradient[MOST], none[MOST];
    open_case(&of, names[_i]);
    golden_of(names[_i], "likelihood", expected);
    process_enter(&of.process, of.x, of.y, of.count);
    Hyperparameters hyper = of.process.hyper;
    double found = process_log_likelihood(&of.process, &hyper, &of.process.work[0], gradient);
    ck_assert_double_eq_tol(found, expected[0], 1e-9 * fabs(expected[0]));
    for (size_t i = 0; i < of.dimensions + 2; i++) {
        double *value = i < of.dimensions ? &hyper.log_length[i]
            : i == of.dimensions          ? &hyper.log_variance
                                          : &hyper.log_noise;
        double before = *value;
        *value = before + step;
        double above = process_log_likelihood(&of.process, &hyper, &of.process.work[0], none);
        *value = before - step;
        double below = process_log_likelihood(&of.process, &hyper, &of.process.work[0], none);
        *value = before;
        double slope = (above - below) / (2 * step);
        ck_assert_double_eq_tol(gradient[i], slope, 1e-5 * (1 + fabs(slope)));
    }
}
END_TEST

START_TEST(fitted_lengths_tell_which_coordinate_matters)
{
    double x[2 * 40], y[40];
    for (size_t i = 0; i < 40; i++) {
        x[2 * i] = fmod((double)i * 0.618033988749895, 1);
        x[2 * i + 1] = fmod((double)i * 0.754877666246693, 1);
        y[i] = sin(6 * x[2 * i]);
    }
    GaussianProcess process;
    ck_assert(process_create(&process, 2, 40, &arena, &failure));
    process_fit(&process, x, y, 40, 1);
    ck_assert_double_lt(process.hyper.log_length[0] + 0.7, process.hyper.log_length[1]);
    ck_assert_double_lt(process.hyper.log_noise, log(1e-3));
}
END_TEST

START_TEST(fits_are_the_same_for_any_number_of_threads)
{
    Case of;
    Hyperparameters alone;
    open_case(&of, "small");
    parallel_threads(1);
    process_fit(&of.process, of.x, of.y, of.count, 5);
    alone = of.process.hyper;
    parallel_threads(3);
    process_fit(&of.process, of.x, of.y, of.count, 5);
    parallel_threads(0);
    ck_assert_mem_eq(&of.process.hyper.log_length, &alone.log_length,
                     of.dimensions * sizeof(double));
    ck_assert(of.process.hyper.log_noise == alone.log_noise);
}
END_TEST

START_TEST(values_that_are_all_the_same_predict_themselves)
{
    double x[6] = { 0.1, 0.2, 0.3, 0.3, 0.5, 0.9 }, y[6] = { 4, 4, 4, 4, 4, 4 }, scratch[18];
    GaussianProcess process;
    ck_assert(process_create(&process, 1, 6, &arena, &failure));
    process_fit(&process, x, y, 6, 1);
    process_condition(&process, x, y, 6);
    ProcessPrediction found = process_predict(&process, x + 4, NULL, scratch);
    ck_assert_double_eq_tol(found.mean, 4, 1e-12);
    ck_assert(isfinite(found.deviation));
}
END_TEST

START_TEST(improvements_are_those_of_900_digits)
{
    char line[256];
    double z, value, slope, found;
    size_t count = 0;
    FILE *file = fopen("tests/golden/gaussian_process.golden", "r");
    ck_assert_ptr_nonnull(file);
    while (fgets(line, sizeof line, file)) {
        if (sscanf(line, "improvement %lf %lf %lf", &z, &value, &slope) != 3)
            continue;
        ck_assert_double_eq_tol(acquisition_log_improvement(z, &found), value,
                                1e-11 * (1 + fabs(value)));
        ck_assert_double_eq_tol(found, slope, 1e-10 * slope);
        count++;
    }
    fclose(file);
    ck_assert_uint_eq(count, 13);
}
END_TEST

START_TEST(a_bound_is_the_mean_and_2_576_deviations)
{
    double by_mean, by_deviation;
    ProcessPrediction at = { 0.5, 0.25 };
    double value = acquisition_value(ACQUISITION_BOUND, at, 9, &by_mean, &by_deviation);
    ck_assert_double_eq(value, 0.5 + 2.576 * 0.25);
    ck_assert_double_eq(by_mean, 1);
    ck_assert_double_eq(by_deviation, 2.576);
}
END_TEST

START_TEST(an_improvement_of_no_deviation_from_the_best_is_that_of_half_a_normal)
{
    // mean = best: E max(deviation N, 0) = deviation / sqrt(2 pi)
    double by_mean, by_deviation;
    ProcessPrediction at = { 0.5, 0.25 };
    double value = acquisition_value(ACQUISITION_IMPROVEMENT, at, 0.5, &by_mean, &by_deviation);
    ck_assert_double_eq_tol(value, log(0.25 / sqrt(2 * acos(-1))), 1e-14);
    ck_assert_double_eq_tol(by_deviation, 4, 1e-13);                        // d ln deviation
    ck_assert_double_eq_tol(by_mean, sqrt(2 * acos(-1)) / 2 / 0.25, 1e-12); // Phi(0) / phi(0)
}
END_TEST

/* (x - 0.3)^2 + 4 (y - 2)^2 + x y */
static double bowl(void *context, const double *x, double *gradient)
{
    (void)context;
    gradient[0] = 2 * (x[0] - 0.3) + x[1];
    gradient[1] = 8 * (x[1] - 2) + x[0];
    return (x[0] - 0.3) * (x[0] - 0.3) + 4 * (x[1] - 2) * (x[1] - 2) + x[0] * x[1];
}

START_TEST(a_minimum_on_the_bounds_is_found)
{
    // y is held at 1: 2 (x - 0.3) + 1 = 0 at x = -0.2, which is below 0: held as well
    Box box = { 2, { 0, 0 }, { 1, 1 } };
    double x[2] = { 0.9, 0.1 };
    ck_assert_double_eq_tol(box_minimise(&box, bowl, NULL, x, 50), 0.09 + 4, 1e-12);
    ck_assert_double_eq_tol(x[0], 0, 1e-12);
    ck_assert_double_eq_tol(x[1], 1, 1e-12);
    // free: 2 x + y = 0.6, x + 8 y = 16: y = 31.4 / 15, x = (0.6 - y) / 2
    Box wide = { 2, { -9, -9 }, { 9, 9 } };
    box_minimise(&wide, bowl, NULL, x, 50);
    ck_assert_double_eq_tol(x[1], 31.4 / 15, 1e-5);
    ck_assert_double_eq_tol(x[0], (0.6 - 31.4 / 15) / 2, 1e-5);
}
END_TEST

static double valley(void *context, const double *x, double *gradient)
{
    (void)context;
    double a = 1 - x[0], b = x[1] - x[0] * x[0];
    gradient[0] = -2 * a - 400 * x[0] * b;
    gradient[1] = 200 * b;
    return a * a + 100 * b * b;
}

START_TEST(a_bent_valley_is_followed_to_its_end)
{
    // Rosenbrock's function: the minimum 0 at (1, 1)
    Box box = { 2, { -2, -2 }, { 2, 2 } };
    double x[2] = { -1.2, 1 };
    ck_assert_double_lt(box_minimise(&box, valley, NULL, x, 200), 1e-9);
    ck_assert_double_eq_tol(x[0], 1, 1e-4);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("gaussian_process");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_factor_gives_determinant_and_inverse);
    tcase_add_test(cases, a_matrix_that_is_not_positive_definite_has_no_factor);
    tcase_add_loop_test(cases, predictions_are_those_of_the_textbook, 0, 2);
    tcase_add_test(cases, two_values_predict_as_worked_by_hand);
    tcase_add_loop_test(cases, slopes_of_predictions_match_finite_differences, 0, 2);
    tcase_add_loop_test(
        cases, the_likelihood_is_that_of_the_textbook_and_its_gradient_matches_finite_differences,
        0, 2);
    tcase_add_test(cases, fitted_lengths_tell_which_coordinate_matters);
    tcase_add_test(cases, fits_are_the_same_for_any_number_of_threads);
    tcase_add_test(cases, values_that_are_all_the_same_predict_themselves);
    tcase_add_test(cases, improvements_are_those_of_900_digits);
    tcase_add_test(cases, a_bound_is_the_mean_and_2_576_deviations);
    tcase_add_test(cases, an_improvement_of_no_deviation_from_the_best_is_that_of_half_a_normal);
    tcase_add_test(cases, a_minimum_on_the_bounds_is_found);
    tcase_add_test(cases, a_bent_valley_is_followed_to_its_end);
    return run_case("gaussian_process", cases);
}
