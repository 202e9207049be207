/* Optimisers against PyTorch and numpy in double: 20 steps (tests/golden/write_optimisers.py). */
#include "common/learn/optimiser.h"
#include "common/base/parallel.h"
#include "common/data/safetensors.h"

#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define GOLDEN "tests/golden/optimisers.safetensors"
#define STEPS 20
#define ALL 13

static const char *const names[] = { "first", "second", "third" };
static const size_t sizes[] = { 5, 7, 1 };

static Arena arena;
static Failure failure;
static Device device;
static Parameters parameters;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
    ck_assert_msg(device_open_cpu(&device, &arena, &failure), "%s", failure.message);
}

static void teardown(void)
{
    parameters_destroy(&parameters);
    arena_close(&arena);
}

/* Parameters of the golden file's sizes, or one long one, and a statistic that must stay as is. */
static void make_parameters(size_t one)
{
    Graph *g = graph_create(&arena, &failure);
    Initializer start = { INITIALIZE_CONSTANT, 0.5, 0 };
    for (size_t i = 0; i < 3 && !one; i++)
        parameter(g, names[i], shape_vector(sizes[i]), start);
    if (one)
        parameter(g, "one", shape_vector(one), start);
    statistic(g, "moving", shape_vector(3), start);
    ck_assert_msg(parameters_create(&parameters, g, &device, true, &arena, &failure), "%s",
                  failure.message);
    ck_assert(parameters_initialise(&parameters, 1, arena, &failure));
}

static void scatter(const double *from, real *const to[])
{
    for (size_t i = 0; i < 3; from += sizes[i], i++)
        for (size_t j = 0; j < sizes[i]; j++)
            to[i][j] = (real)from[j];
}

static void follows(const char *name, OptimiserSettings settings)
{
    SafetensorsReader golden;
    Optimiser optimiser;
    ck_assert(safetensors_open(&golden, GOLDEN, &arena, &failure));
    const double *begin = safetensors_array(&golden, "begin", STORED_F64, ALL, &failure);
    const double *gradients =
        safetensors_array(&golden, "gradients", STORED_F64, STEPS * ALL, &failure);
    const double *path = safetensors_array(&golden, name, STORED_F64, STEPS * ALL, &failure);
    ck_assert_msg(path != NULL, "%s", failure.message);
    make_parameters(0);
    ck_assert(optimiser_create(&optimiser, settings, &parameters, &arena, &failure));
    scatter(begin, parameters.value);
    for (size_t step = 0; step < STEPS; step++) {
        scatter(gradients + step * ALL, parameters.gradient);
        ck_assert(optimiser_step(&optimiser, 0.05, &failure));
        const double *expected = path + step * ALL;
        for (size_t i = 0; i < 3; expected += sizes[i], i++)
            for (size_t j = 0; j < sizes[i]; j++)
                // 20 steps of at most a few times 0.05 each, in floats: some 1e-7 a step
                ck_assert_double_eq_tol(parameters.value[i][j], expected[j], 3e-6);
    }
    ck_assert(parameters.value[3][0] == (real)0.5);
    optimiser_destroy(&optimiser);
    safetensors_close(&golden);
}

START_TEST(adam_in_tensorflows_form_follows_its_definition)
{
    follows("adam/none", (OptimiserSettings){ OPTIMISER_ADAM, CLIP_NONE, 0 });
}
END_TEST

START_TEST(adam_clipped_per_variable_follows_its_definition)
{
    follows("adam/per-variable", (OptimiserSettings){ OPTIMISER_ADAM, CLIP_PER_VARIABLE, 1 });
}
END_TEST

START_TEST(adam_in_pytorchs_form_follows_pytorch)
{
    follows("adam-torch/none", (OptimiserSettings){ OPTIMISER_ADAM_TORCH, CLIP_NONE, 0 });
}
END_TEST

START_TEST(adam_clipped_globally_follows_pytorch)
{
    follows("adam-torch/global", (OptimiserSettings){ OPTIMISER_ADAM_TORCH, CLIP_GLOBAL, 2 });
}
END_TEST

START_TEST(rmsprop_follows_pytorch)
{
    follows("rmsprop/none", (OptimiserSettings){ OPTIMISER_RMSPROP, CLIP_NONE, 0 });
}
END_TEST

START_TEST(rmsprop_clipped_globally_follows_pytorch)
{
    follows("rmsprop/global", (OptimiserSettings){ OPTIMISER_RMSPROP, CLIP_GLOBAL, 2 });
}
END_TEST

START_TEST(a_gradient_that_is_not_finite_is_named_and_nothing_changes)
{
    Optimiser optimiser;
    make_parameters(0);
    ck_assert(optimiser_create(&optimiser, (OptimiserSettings){ OPTIMISER_ADAM, CLIP_NONE, 0 },
                               &parameters, &arena, &failure));
    parameters.gradient[0][0] = 1;
    parameters.gradient[1][6] = NAN;
    ck_assert(!optimiser_step(&optimiser, 0.1, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_str_eq(failure.message, "the gradient of second is not finite");
    ck_assert(parameters.value[0][0] == (real)0.5 && optimiser.mean[0][0] == 0);
    ck_assert_uint_eq(optimiser.step, 0);
    optimiser_destroy(&optimiser);
}
END_TEST

/* Values after three steps on a parameter that is longer than many pieces. */
static real *after_steps(size_t threads, size_t n)
{
    Optimiser optimiser;
    real *copy;
    parallel_threads(threads);
    make_parameters(n);
    ck_assert(optimiser_create(&optimiser,
                               (OptimiserSettings){ OPTIMISER_ADAM, CLIP_PER_VARIABLE, 1 },
                               &parameters, &arena, &failure));
    for (size_t step = 0; step < 3; step++) {
        for (size_t i = 0; i < n; i++)
            parameters.gradient[0][i] = (real)((i * 2654435761u + step) % 1000) / 500 - 1;
        ck_assert(optimiser_step(&optimiser, 0.01, &failure));
    }
    ck_assert(arena_array(&arena, copy, n, &failure));
    memcpy(copy, parameters.value[0], n * sizeof *copy);
    optimiser_destroy(&optimiser);
    parameters_destroy(&parameters);
    return copy;
}

START_TEST(the_number_of_threads_changes_no_bit)
{
    size_t n = 1000003;
    const real *one = after_steps(1, n), *three = after_steps(3, n);
    ck_assert(memcmp(one, three, n * sizeof *one) == 0);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("optimiser");
    TCase *tests = tcase_create("optimiser");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, adam_in_tensorflows_form_follows_its_definition);
    tcase_add_test(tests, adam_clipped_per_variable_follows_its_definition);
    tcase_add_test(tests, adam_in_pytorchs_form_follows_pytorch);
    tcase_add_test(tests, adam_clipped_globally_follows_pytorch);
    tcase_add_test(tests, rmsprop_follows_pytorch);
    tcase_add_test(tests, rmsprop_clipped_globally_follows_pytorch);
    tcase_add_test(tests, a_gradient_that_is_not_finite_is_named_and_nothing_changes);
    tcase_add_test(tests, the_number_of_threads_changes_no_bit);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
