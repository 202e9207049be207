/* Mixup: pairs are a permutation, weights are Beta's, and all tensors are mixed in the same way. */
#include "common/tensor/ops.h"
#include "common/tensor/plan.h"

#include <math.h>

#include "suite.h"

#define VIDEOS ((size_t)2000)
#define ALPHA 0.4

static Arena arena;
static Failure failure;
static Device device;
static real column[VIDEOS * 2];
static real twice[VIDEOS];

static void begin(void)
{
    ck_assert(arena_open(&arena, (size_t)1 << 30, &failure));
    ck_assert(device_open_cpu(&device, &arena, &failure));
}

/* Mix [VIDEOS, 2] numbers at a training step; `second`, if not NULL, is mixed beside it. */
static const real *mixed(uint64_t step, bool training, const real **second)
{
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(batch, 2));
    Tensor z = input(g, "z", TYPE_REAL, shape_rows(batch, 1));
    Tensor outputs[] = { mix_rows(g, "mixup", x, ALPHA), mix_rows(g, "mixup", z, ALPHA) };
    size_t bounds[] = { VIDEOS };
    Plan *plan = plan_create(g, &device, bounds, outputs, 2, training, &arena, &failure);
    ck_assert_msg(plan != NULL, "%s", failure.message);
    for (size_t i = 0; i < VIDEOS; i++) {
        column[2 * i] = (real)i;
        column[2 * i + 1] = 1;
        twice[i] = 2 * (real)i;
    }
    ck_assert(plan_bind_rows(plan, batch, VIDEOS, NULL, &failure));
    plan_bind_input(plan, x, column);
    plan_bind_input(plan, z, twice);
    plan_forward(plan, 5, step);
    if (second)
        *second = plan_output(plan, outputs[1]);
    return plan_output(plan, outputs[0]);
}

START_TEST(rows_are_mixed_by_weights_that_sum_to_one_and_alike_under_one_name)
{
    const real *z;
    begin();
    const real *y = mixed(3, true, &z);
    size_t changed = 0;
    for (size_t i = 0; i < VIDEOS; i++) {
        ck_assert_double_eq_tol(y[2 * i + 1], 1, 1e-6); // a 1 + (1 - a) 1
        ck_assert_double_eq_tol(z[i], 2 * y[2 * i], 1e-3);
        changed += fabs((double)y[2 * i] - (double)i) > 0.5;
    }
    ck_assert_uint_gt(changed, VIDEOS / 2);
    arena_close(&arena);
}
END_TEST

START_TEST(each_step_mixes_otherwise_and_inference_not_at_all)
{
    begin();
    const real *one = mixed(1, true, NULL), *two = mixed(2, true, NULL);
    size_t same = 0;
    for (size_t i = 0; i < VIDEOS; i++)
        same += fabs((double)one[2 * i] - (double)two[2 * i]) < 1e-3;
    ck_assert_uint_lt(same, VIDEOS / 2); // weights near 1 leave many rows as they are
    ck_assert_mem_eq(mixed(1, false, NULL), column, sizeof column);
    arena_close(&arena);
}
END_TEST

/* With x the unit vectors, row i holds a_i at i and 1 - a_i at its partner. */
START_TEST(partners_are_a_permutation_and_weights_follow_beta)
{
    enum { N = 512, STEPS = 20 };
    double sum = 0, squares = 0;
    begin();
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(batch, N)), y = mix_rows(g, "m", x, ALPHA);
    Plan *plan = plan_create(g, &device, (size_t[]){ N }, &y, 1, true, &arena, &failure);
    real *unit;
    ck_assert(plan && arena_array(&arena, unit, N * N, &failure));
    for (size_t i = 0; i < N; i++)
        unit[i * N + i] = 1;
    ck_assert(plan_bind_rows(plan, batch, N, NULL, &failure));
    plan_bind_input(plan, x, unit);
    for (uint64_t step = 0; step < STEPS; step++) {
        plan_forward(plan, 1, step);
        const real *out = plan_output(plan, y);
        for (size_t j = 0; j < N; j++) {
            size_t readers = 0; // rows other than j that column j enters
            for (size_t i = 0; i < N; i++)
                readers += i != j && out[i * N + j] != 0;
            ck_assert_uint_le(readers, 1);
            double a = (double)out[j * N + j];
            sum += a;
            squares += (a - 0.5) * (a - 0.5);
        }
    }
    // Beta(a, a): mean 1/2, variance 1 / (4 (2 a + 1)); six standard errors of 10,240 draws
    double n = N * STEPS, variance = 1 / (4 * (2 * ALPHA + 1));
    ck_assert_double_eq_tol(sum / n, 0.5, 6 * sqrt(variance / n));
    ck_assert_double_eq_tol(squares / n, variance, 6 * 0.09 / sqrt(n));
    arena_close(&arena);
}
END_TEST

int main(void)
{
    return RUN_SUITE("mix_rows", rows_are_mixed_by_weights_that_sum_to_one_and_alike_under_one_name,
                     each_step_mixes_otherwise_and_inference_not_at_all,
                     partners_are_a_permutation_and_weights_follow_beta);
}
