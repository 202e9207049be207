/* Profiles: bytes and operations of a step, worked by hand, and limits that are rates. */
#include "common/tensor/ops.h"
#include "common/tensor/profile.h"
#include "tests/suite.h"

#include <string.h>

enum { ROWS = 1000, IN = 50, OUT = 20 };

static Arena arena;
static Device device;
static Failure failure;

static void setup(void)
{
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    ck_assert_msg(device_open_cpu(&device, &arena, &failure), "%s", failure.message);
}

static real *zeros(size_t n)
{
    real *x;
    ck_assert(arena_array(&arena, x, n, &failure));
    return x;
}

/* y = x W, and a loss of it; run twice. */
static Plan *plan_of_two_steps(void)
{
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(batch, IN));
    Tensor W =
        parameter(g, "W", shape_matrix(IN, OUT), (Initializer){ .kind = INITIALIZE_CONSTANT });
    Tensor y = affine(g, x, W, NULL);
    graph_loss(g, "loss", columns(g, y, 0, 1), 1);
    Plan *plan = plan_create(g, &device, (size_t[]){ ROWS }, NULL, 0, true, &arena, &failure);
    ck_assert_msg(plan != NULL, "%s", failure.message);
    plan_bind_parameters(plan, (real *const[]){ zeros(IN * OUT) },
                         (real *const[]){ zeros(IN * OUT) });
    ck_assert(plan_bind_rows(plan, batch, ROWS, NULL, &failure));
    plan_bind_input(plan, x, zeros(ROWS * IN));
    plan_measure(plan);
    for (int step = 0; step < 2; step++) {
        plan_forward(plan, 0, 0);
        plan_backward(plan);
    }
    return plan;
}

/* The line of an op in the table. */
static const char *line_of(const char *table, const char *name)
{
    const char *line = strstr(table, name);
    ck_assert_ptr_nonnull(line);
    return arena_copy(&arena, line, strcspn(line, "\n"), &failure);
}

static const char *table_of(const Plan *plan, const DeviceLimits *limits)
{
    static char text[1 << 14];
    FILE *to = fmemopen(text, sizeof text, "w");
    ck_assert_ptr_nonnull(to);
    plan_profile(plan, limits, to);
    fclose(to);
    return text;
}

START_TEST(a_line_says_what_an_op_moves_and_computes_in_one_run)
{
    char *end;
    double mega_bytes, giga_operations;
    setup();
    Plan *plan = plan_of_two_steps();
    const char *table = table_of(plan, NULL);
    const char *line = line_of(table, "affine [batch, 20]");
    unsigned long calls = strtoul(line + strlen("affine [batch, 20]"), &end, 10);
    ck_assert_uint_eq(calls, 2);
    ck_assert_int_eq(sscanf(end, "%*f %*f %*f%% %lf %lf", &mega_bytes, &giga_operations), 2);
    // forward x, W, y: 50,000 + 1,000 + 20,000 numbers; backward dy, x, W, dW: 20,000 + 51,000 + 1,000
    ck_assert_double_eq_tol(mega_bytes, 143000 * sizeof(real) / 1e6, 0.005);
    // 2 x 1,000 x 50 x 20 forward, and once more for dW
    ck_assert_double_eq_tol(giga_operations, 0.004, 1e-9);
    ck_assert_ptr_null(strstr(table, "of limit"));
    ck_assert_ptr_nonnull(strstr(table, "all ops"));
    ck_assert_ptr_nonnull(strstr(table, "all products"));
    plan_destroy(plan);
}
END_TEST

START_TEST(limits_say_how_far_an_op_is_from_them)
{
    setup();
    Plan *plan = plan_of_two_steps();
    // so slow a device that every op is far faster than it could be
    const char *table = table_of(plan, &(DeviceLimits){ .operations = 1, .bytes = 1 });
    ck_assert_ptr_nonnull(strstr(table, "of limit"));
    const char *line = line_of(table, "affine [batch, 20]");
    const char *last = strrchr(line, ' ');
    ck_assert_double_gt(strtod(last, NULL), 1000);
    plan_destroy(plan);
}
END_TEST

START_TEST(a_device_has_limits)
{
    DeviceLimits limits = { 0 };
    setup();
    ck_assert_msg(device_limits(&limits, &device, arena, &failure), "%s", failure.message);
    ck_assert_double_gt(limits.operations, 1e8);
    ck_assert_double_gt(limits.bytes, 1e7);
}
END_TEST

int main(void)
{
    return RUN_SUITE("profile", a_line_says_what_an_op_moves_and_computes_in_one_run,
                     limits_say_how_far_an_op_is_from_them, a_device_has_limits);
}
