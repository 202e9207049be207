#include "suite.h"
#include "common/base/parallel.h"
#include "common/base/philox.h"
#include "common/base/sha256.h"
#include "common/tensor/plan.h"
#include "common/tensor/ops.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"

#include <stdio.h>
#include <string.h>

#define WIDTH 96
#define FRAMES 700
#define VIDEOS 3

static const uint32_t offsets[VIDEOS + 1] = { 0, 300, 300, FRAMES };

static void fill(real *x, size_t n, const char *purpose)
{
    for (size_t i = 0; i < n; i++) {
        uint32_t words[4];
        philox(philox_key(5, purpose), 0, i, words);
        x[i] = (real)(philox_uniform(words[0]) - 0.5);
    }
}

/* A network over frames with everything that sums over rows or draws numbers. */
typedef struct Fixture {
    Arena arena;
    Device device;
    Graph *g;
    const Rows *batch, *frames;
    Tensor x, y;
    real *data, *values[16], *gradients[16];
    size_t sizes[16], count;
} Fixture;

static void build(Fixture *f, bool with_dropout)
{
    Failure failure = { 0 };
    memset(f, 0, sizeof *f);
    ck_assert(arena_open(&f->arena, ARENA_LARGE, &failure));
    ck_assert_msg(device_open_cpu(&f->device, &f->arena, &failure), "%s", failure.message);
    Graph *g = f->g = graph_create(&f->arena, &failure);
    f->batch = graph_rows(g, "batch", NULL);
    f->frames = graph_rows(g, "frames", f->batch);
    f->x = input(g, "x", TYPE_REAL, shape_rows(f->frames, WIDTH));
    Tensor h = linear(g, "first", l2_normalize(g, f->x), 200, normal(1), constant(0));
    h = leaky_relu(g, normalize_batch(g, "normalization", h, batch_norm_torch), 0.1);
    if (with_dropout)
        h = dropout(g, "dropout", h, 0.5);
    f->y = softmax(g, linear(g, "second", h, 5, normal(1), constant(0)));
    graph_loss(g, "loss", columns(g, f->y, 0, 1), 1);
    ck_assert_msg(graph_finish(g, &failure), "%s", failure.message);
    ck_assert(arena_array(&f->arena, f->data, FRAMES * WIDTH, &failure));
    fill(f->data, FRAMES * WIDTH, "x");
    f->count = graph_parameter_count(g);
    for (size_t i = 0; i < f->count; i++) {
        ParameterSlot slot = graph_parameter(g, i);
        f->sizes[i] = shape_elements(slot.shape);
        ck_assert(arena_array(&f->arena, f->values[i], f->sizes[i], &failure));
        ck_assert(arena_array(&f->arena, f->gradients[i], f->sizes[i], &failure));
    }
}

/* The same starting values before each run: training moves the averages. */
static void reset(Fixture *f)
{
    for (size_t i = 0; i < f->count; i++) {
        ParameterSlot slot = graph_parameter(f->g, i);
        bool constant = slot.initializer.kind == INITIALIZE_CONSTANT;
        for (size_t j = 0; j < f->sizes[i]; j++)
            f->values[i][j] = (real)slot.initializer.a;
        if (!constant)
            fill(f->values[i], f->sizes[i], slot.name);
    }
}

static Plan *make_plan(Fixture *f, size_t videos, size_t frames, bool training)
{
    Failure failure = { 0 };
    Plan *plan = plan_create(f->g, &f->device, (size_t[]){ videos, frames }, &(Tensor){ f->y }, 1,
                             training, &f->arena, &failure);
    ck_assert_msg(plan != NULL, "%s", failure.message);
    plan_bind_parameters(plan, f->values, f->gradients);
    ck_assert(plan_bind_rows(plan, f->batch, VIDEOS, NULL, &failure));
    ck_assert(plan_bind_rows(plan, f->frames, FRAMES, offsets, &failure));
    plan_bind_input(plan, f->x, f->data);
    reset(f);
    return plan;
}

/* Everything a training step computes, in one digest. */
static void digest_step(Fixture *f, Plan *plan, char hex[SHA256_HEX_BYTES])
{
    Sha256 hash;
    plan_forward(plan, 11, 2);
    double loss = plan_loss(plan);
    plan_backward(plan);
    sha256_begin(&hash);
    sha256_add(&hash, &loss, sizeof loss);
    sha256_add(&hash, plan_output(plan, f->y), FRAMES * 5 * sizeof(real));
    for (size_t i = 0; i < f->count; i++) {
        sha256_add(&hash, f->values[i], f->sizes[i] * sizeof(real));
        if (graph_parameter(f->g, i).trained)
            sha256_add(&hash, f->gradients[i], f->sizes[i] * sizeof(real));
    }
    sha256_end(&hash, hex);
}

START_TEST(a_step_has_the_same_bits_for_any_number_of_threads)
{
    Fixture f;
    char first[SHA256_HEX_BYTES], again[SHA256_HEX_BYTES];
    build(&f, true);
    parallel_threads(1);
    digest_step(&f, make_plan(&f, VIDEOS, FRAMES, true), first);
    for (size_t threads = 2; threads <= 5; threads++) {
        parallel_threads(threads);
        digest_step(&f, make_plan(&f, VIDEOS, FRAMES, true), again);
        ck_assert_str_eq(first, again);
    }
}
END_TEST

START_TEST(bounds_larger_than_the_data_change_no_bit)
{
    Fixture f;
    char exact[SHA256_HEX_BYTES], roomy[SHA256_HEX_BYTES];
    build(&f, true);
    digest_step(&f, make_plan(&f, VIDEOS, FRAMES, true), exact);
    digest_step(&f, make_plan(&f, 4 * VIDEOS, 3 * FRAMES, true), roomy);
    ck_assert_str_eq(exact, roomy);
}
END_TEST

START_TEST(draws_depend_on_the_step_and_nothing_else)
{
    Fixture f;
    build(&f, true);
    Plan *plan = make_plan(&f, VIDEOS, FRAMES, true);
    plan_forward(plan, 11, 2);
    double second = plan_loss(plan);
    plan_forward(plan, 11, 3);
    double third = plan_loss(plan);
    plan_forward(plan, 12, 2);
    double other = plan_loss(plan);
    plan_forward(plan, 11, 2);
    ck_assert(second != third && second != other);
    ck_assert(second == plan_loss(plan));
}
END_TEST

START_TEST(outside_training_dropout_does_nothing_and_averages_stay)
{
    Fixture with, without;
    build(&with, true);
    build(&without, false);
    Plan *a = make_plan(&with, VIDEOS, FRAMES, false),
         *b = make_plan(&without, VIDEOS, FRAMES, false);
    plan_forward(a, 1, 1);
    plan_forward(b, 2, 2);
    ck_assert_mem_eq(plan_output(a, with.y), plan_output(b, without.y), FRAMES * 5 * sizeof(real));
    for (size_t i = 0; i < with.count; i++)
        if (!graph_parameter(with.g, i).trained && strstr(graph_parameter(with.g, i).name, "mean"))
            ck_assert(with.values[i][0] == 0);
}
END_TEST

START_TEST(buffers_that_are_never_needed_at_once_share_memory)
{
    Fixture f;
    Failure failure = { 0 };
    memset(&f, 0, sizeof f);
    ck_assert(arena_open(&f.arena, ARENA_LARGE, &failure));
    ck_assert(device_open_cpu(&f.device, &f.arena, &failure));
    Graph *g = graph_create(&f.arena, &failure);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(graph_rows(g, "batch", NULL), 1024));
    for (size_t i = 0; i < 20; i++)
        x = sigmoid(g, x);
    Plan *plan = plan_create(g, &f.device, (size_t[]){ 10 }, &x, 1, false, &f.arena, &failure);
    ck_assert_ptr_nonnull(plan);
    ck_assert_uint_eq(plan_bytes_unshared(plan), 20 * 10 * 1024 * sizeof(real));
    ck_assert_uint_eq(plan_bytes(plan), 2 * 10 * 1024 * sizeof(real)); // one read, one written
    plan_destroy(plan);
}
END_TEST

START_TEST(more_rows_than_were_planned_for_are_refused)
{
    Fixture f;
    Failure failure = { 0 };
    build(&f, false);
    Plan *plan = make_plan(&f, VIDEOS, FRAMES, false);
    ck_assert(!plan_bind_rows(plan, f.frames, FRAMES + 1, offsets, &failure));
    ck_assert_int_eq(failure.code, EX_SOFTWARE);
    ck_assert_str_eq(failure.message, "701 rows of frames; the plan was made for 700");
}
END_TEST

START_TEST(a_penalty_is_half_the_scaled_sum_of_squares)
{
    Fixture f;
    build(&f, false);
    Plan *plain = make_plan(&f, VIDEOS, FRAMES, true);
    plan_forward(plain, 1, 1);
    double without = plan_loss(plain);
    plan_backward(plain);
    real gradient = f.gradients[0][3];
    Failure failure = { 0 };
    ck_assert(graph_finish(f.g, &failure));
    Fixture p;
    build(&p, false);
    // the first parameter is first/weights
    graph_penalty(p.g, parameter(p.g, "extra", shape_vector(2), constant(3)), 0.5);
    ck_assert(arena_array(&p.arena, p.values[p.count], 2, &failure));
    ck_assert(arena_array(&p.arena, p.gradients[p.count], 2, &failure));
    p.sizes[p.count++] = 2;
    Plan *plan = make_plan(&p, VIDEOS, FRAMES, true);
    plan_forward(plan, 1, 1);
    ck_assert_double_eq_tol(plan_loss(plan) - without, 0.5 * 0.5 * (9 + 9), 1e-9);
    plan_backward(plan);
    ck_assert(p.gradients[p.count - 1][0] == (real)1.5);
    ck_assert(p.gradients[0][3] == gradient);
}
END_TEST

static void *no_memory(const Device *device, size_t bytes)
{
    (void)device, (void)bytes;
    return NULL;
}

static size_t three_mebibytes(const Device *device)
{
    (void)device;
    return (size_t)3 << 20;
}

START_TEST(a_plan_without_memory_says_what_was_asked_and_what_is_free)
{
    Fixture f;
    Failure failure = { 0 };
    size_t asked, free_mib;
    char rest[128];
    build(&f, false);
    f.device.allocate = no_memory;
    f.device.free_bytes = three_mebibytes;
    ck_assert(!plan_create(f.g, &f.device, (size_t[]){ VIDEOS, FRAMES }, &f.y, 1, true, &f.arena,
                           &failure));
    ck_assert_int_eq(failure.code, EX_OSERR);
    ck_assert_msg(sscanf(failure.message,
                         "out of memory: a plan of %zu MiB, and %zu MiB of cpu are free; %127[^\n]",
                         &asked, &free_mib, rest)
                      == 3,
                  "%s", failure.message);
    ck_assert_uint_eq(free_mib, 3);
    ck_assert_uint_ge(asked, FRAMES * 200 * sizeof(real) >> 20);
    ck_assert_str_eq(rest, "a smaller --micro-batch or --batch-size, or fewer frames, needs less");
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "plan", a_step_has_the_same_bits_for_any_number_of_threads,
        bounds_larger_than_the_data_change_no_bit, draws_depend_on_the_step_and_nothing_else,
        outside_training_dropout_does_nothing_and_averages_stay,
        buffers_that_are_never_needed_at_once_share_memory,
        a_plan_without_memory_says_what_was_asked_and_what_is_free,
        more_rows_than_were_planned_for_are_refused, a_penalty_is_half_the_scaled_sum_of_squares);
}
