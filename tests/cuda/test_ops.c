/* Every op on CUDA against the CPU: values, gradients, statistics; twice, with the same bits. */
#include "cuda/parity.h"
#include "common/learn/parameters.h"
#include "gradient/op_cases.h"

#define SEED 7
#define STEP 3
#define MOST_ROWS_BEHIND 40 // that a plan has room for and a run leaves unused

/* Videos of no frame, one, several; and so many that sums are in pieces and products in tiles. */
typedef struct Layout {
    size_t batch, frames;
    uint32_t offsets[8];
} Layout;

static const Layout layouts[] = {
    { 4, 9, { 0, 3, 3, 4, 9 } },
    { 6, 300, { 0, 130, 130, 131, 140, 150, 300 } },
};

/* More shapes: what is done by whole blocks, and what ends in the middle of a tile. */
static const GradientCheck wide_cases[] = {
    { { { ROWS_FRAMES, 1, { 140 } },
        { ROWS_FRAMES, 1, { 70 } },
        { ROWS_NONE, 2, { 70, 140 }, -0.2, 0.2 },
        { ROWS_NONE, 2, { 70, 70 }, -0.2, 0.2 } },
      build_gru_twice },
    { { { ROWS_FRAMES, 1, { 70 } }, { ROWS_NONE, 2, { 70, 13 } }, { ROWS_NONE, 1, { 13 } } },
      build_affine },
    { { { ROWS_FRAMES, 1, { 70 } }, { ROWS_NONE, 2, { 70, 16 } }, { ROWS_NONE, 1, { 16 } } },
      build_affine },
    { { { ROWS_FRAMES, 1, { 5 } },
        { ROWS_NONE, 2, { 5, 70 } },
        { ROWS_NONE, 2, { 70, 3 } },
        { ROWS_NONE, 1, { 70 } },
        { ROWS_NONE, 1, { 3 } } },
      build_affine_of_parameters },
    { { { ROWS_FRAMES, 2, { 2, 70 } },
        { ROWS_FRAMES, 2, { 2, 65 }, -3, 3 },
        { ROWS_NONE, 2, { 70, 65 } },
        { ROWS_FRAMES, 1, { 2 }, -2, 2 } },
      build_soft_aggregate },
    { { { ROWS_FRAMES, 2, { 1, 30 } },
        { ROWS_FRAMES, 2, { 1, 150 }, -3, 3 },
        { ROWS_NONE, 2, { 30, 150 } },
        { ROWS_FRAMES, 1, { 1 }, -2, 2 } },
      build_soft_aggregate },
    { { { ROWS_FRAMES, 1, { 70 } },
        { ROWS_FRAMES, 2, { 2, 33 }, -3, 3 },
        { ROWS_NONE, 3, { 2, 70, 65 } },
        { ROWS_NONE, 2, { 2, 65 } },
        { ROWS_NONE, 2, { 65, 33 } },
        { ROWS_FRAMES, 1, { 2 }, -2, 2 } },
      build_soft_aggregate_expanded },
    { { { ROWS_FRAMES, 2, { 2, 70 } },
        { ROWS_FRAMES, 2, { 2, 65 } },
        { ROWS_NONE, 2, { 70, 65 } } },
      build_aggregate },
    { { { ROWS_FRAMES, 2, { 2, 70 } },
        { ROWS_FRAMES, 2, { 2, 65 } },
        { ROWS_NONE, 2, { 70, 65 } },
        { ROWS_FRAMES, 1, { 2 } } },
      build_aggregate_twice },
    { { { ROWS_FRAMES, 1, { 70 } },
        { ROWS_FRAMES, 2, { 2, 33 } },
        { ROWS_NONE, 3, { 2, 70, 65 } },
        { ROWS_NONE, 2, { 2, 65 } },
        { ROWS_NONE, 2, { 65, 33 } } },
      build_aggregate_expanded },
    { { { ROWS_BATCH, 2, { 70, 65 } } }, build_normalize_columns },
    { { { ROWS_BATCH, 1, { 1100 }, -3, 3 } }, build_softmax },
    { { { ROWS_FRAMES, 1, { 3 * 80 }, -2, 2 } }, build_attention },
    { { { ROWS_FRAMES, 1, { 3 * 105 }, -1, 1 } }, build_attention_with_dropout },
    { { { ROWS_BATCH, 1, { 1100 } },
        { ROWS_BATCH, 1, { 1100 } },
        { ROWS_NONE, 1, { 1100 }, 0.5, 1.5 },
        { ROWS_NONE, 1, { 1100 } } },
      build_layer_norm_of_sum },
    { { { ROWS_FRAMES, 1, { 300 } } }, build_leading_rows },
    { { { ROWS_FRAMES, 1, { 300 } } }, build_last_by_video },
    { { { ROWS_FRAMES, 1, { 300 } }, { ROWS_FRAMES, 1, { 1 }, -3, 3 } },
      build_weighted_mean_by_video },
    { { { ROWS_BATCH, 1, { 1100 } } }, build_l2_normalize },
    { { { ROWS_BATCH, 2, { 3, 1100 }, -3, 3 }, { ROWS_BATCH, 1, { 3 }, -2, 2 } },
      build_soft_assignment },
    { { { ROWS_BATCH, 1, { 1100 }, -4, 4 }, { ROWS_BATCH, 1, { 1100 }, -4, 4 } },
      build_divergence },
    { { { ROWS_BATCH, 1, { 3 } },
        { ROWS_BATCH, 1, { 1100 } },
        { ROWS_BATCH, 1, { 1100 } },
        { ROWS_BATCH, 1, { 1100 } } },
      build_mix_logits },
    { { { ROWS_BATCH, 1, { 1100 }, -3, 3 },
        { ROWS_BATCH, 1, { 1100 }, 0, 1, "gradient" },
        { ROWS_BATCH, 1, { 1100 }, 0, 1, "gradient" } },
      build_weighted_logit_loss },
    { { { ROWS_BATCH, 1, { 1100 }, 0.1, 0.9 },
        { ROWS_BATCH, 1, { 1100 }, 0, 1, "gradient" },
        { ROWS_BATCH, 1, { 1100 }, 0, 1, "gradient" } },
      build_probability_loss },
};

#define WIDE_CASES (sizeof wide_cases / sizeof *wide_cases)
#define PRODUCT_CASES 10 // the first of them

/* A graph around one op: its inputs, and a loss that weighs all that it gives. */
typedef struct Subject {
    const GradientCheck *check;
    const Layout *layout;
    Graph *graph;
    const Rows *batch, *frames;
    Tensor inputs[CHECK_MOST_INPUTS], weights, y;
    float *data[CHECK_MOST_INPUTS], *weight_data;
    Arena *arena;
} Subject;

static size_t count_rows(const Subject *s, Tensor x)
{
    return !rows_of(x) ? 1 : rows_of(x)->parent ? s->layout->frames : s->layout->batch;
}

static size_t elements(const Subject *s, Tensor x)
{
    return count_rows(s, x) * shape_elements(shape_of(x));
}

static float *fill(const Subject *s, Tensor x, double low, double high, const char *purpose)
{
    float *data;
    Failure failure = { 0 };
    ck_assert(arena_array(s->arena, data, elements(s, x), &failure));
    check_fill(data, elements(s, x), low, high, purpose);
    return data;
}

static void add_input(Subject *s, size_t i)
{
    const CheckInput *wish = &s->check->input[i];
    char name[32];
    Shape shape = { .rank = wish->rank };
    bool any = wish->low == 0 && wish->high == 0;
    double low = any ? -1 : wish->low, high = any ? 1 : wish->high;
    snprintf(name, sizeof name, "input-%zu", i);
    shape.rows = wish->rows == ROWS_NONE ? NULL : wish->rows == ROWS_BATCH ? s->batch : s->frames;
    memcpy(shape.axes, wish->axes, sizeof shape.axes);
    Initializer initializer = { INITIALIZE_UNIFORM, low, high };
    if (wish->rows == ROWS_NONE) {
        s->inputs[i] = wish->without ? statistic(s->graph, name, shape, initializer)
                                     : parameter(s->graph, name, shape, initializer);
        return;
    }
    s->inputs[i] = input(s->graph, name, TYPE_REAL, shape);
    if (!wish->without)
        graph_want_gradient(s->graph, s->inputs[i]);
    s->data[i] = fill(s, s->inputs[i], low, high, name);
}

static void build(Subject *s)
{
    Failure failure = { 0 };
    Graph *g = s->graph = graph_create(s->arena, &failure);
    s->batch = graph_rows(g, "batch", NULL);
    s->frames = graph_rows(g, "frames", s->batch);
    for (size_t i = 0; i < CHECK_MOST_INPUTS && s->check->input[i].rank; i++)
        add_input(s, i);
    s->y = s->check->build(g, s->inputs);
    s->weights = input(g, "weights", TYPE_REAL, shape_of(s->y));
    s->weight_data = fill(s, s->weights, 0.5, 1.5, "weights");
    Tensor weighed = flatten(g, multiply(g, s->y, s->weights));
    Tensor ones = parameter(g, "ones", shape_matrix(width_of(weighed), 1),
                            (Initializer){ INITIALIZE_CONSTANT, 1 });
    graph_loss(g, "weighed", affine(g, weighed, ones, NULL), 1);
    ck_assert_msg(graph_finish(g, &failure), "%s", failure.message);
}

/* What one device says of a subject, on the host. */
typedef struct Answer {
    double loss;
    float *y, *input_gradient[CHECK_MOST_INPUTS], **value, **gradient;
    Parameters parameters;
    size_t plan_bytes;
} Answer;

static void bind(const Subject *s, Plan *plan)
{
    Failure failure = { 0 };
    ck_assert(plan_bind_rows(plan, s->batch, s->layout->batch, NULL, &failure));
    ck_assert(plan_bind_rows(plan, s->frames, s->layout->frames, s->layout->offsets, &failure));
    for (size_t i = 0; i < CHECK_MOST_INPUTS; i++)
        if (s->data[i])
            plan_bind_input(plan, s->inputs[i], s->data[i]);
    plan_bind_input(plan, s->weights, s->weight_data);
}

static void fetch(const Subject *s, const Device *device, Plan *plan, Answer *a)
{
    const Parameters *p = &a->parameters;
    Failure failure = { 0 };
    a->loss = plan_loss(plan);
    ck_assert(arena_array(s->arena, a->y, elements(s, s->y), &failure));
    memcpy(a->y, plan_output(plan, s->y), elements(s, s->y) * sizeof *a->y);
    for (size_t i = 0; i < CHECK_MOST_INPUTS; i++)
        if (s->data[i] && !s->check->input[i].without)
            a->input_gradient[i] = parity_fetch(device, plan_gradient(plan, s->inputs[i]),
                                                elements(s, s->inputs[i]), s->arena);
    ck_assert(arena_array(s->arena, a->value, p->count, &failure)
              && arena_array(s->arena, a->gradient, p->count, &failure));
    for (size_t i = 0; i < p->count; i++) {
        a->value[i] = parity_fetch(device, p->value[i], p->elements[i], s->arena);
        if (p->gradient[i])
            a->gradient[i] = parity_fetch(device, p->gradient[i], p->elements[i], s->arena);
    }
}

static Answer ask(const Subject *s, const Device *device)
{
    Answer a = { 0 };
    Failure failure = { 0 };
    size_t bounds[] = { s->layout->batch + 3, s->layout->frames + MOST_ROWS_BEHIND };
    Plan *plan = plan_create(s->graph, device, bounds, &s->y, 1, true, s->arena, &failure);
    ck_assert_msg(
        plan && parameters_create(&a.parameters, s->graph, device, true, s->arena, &failure)
            && parameters_initialise(&a.parameters, SEED, *s->arena, &failure),
        "%s", failure.message);
    plan_bind_parameters(plan, a.parameters.value, a.parameters.gradient);
    a.plan_bytes = plan_bytes(plan);
    bind(s, plan);
    plan_forward(plan, SEED, STEP);
    plan_backward(plan);
    fetch(s, device, plan, &a);
    plan_destroy(plan);
    parameters_destroy(&a.parameters);
    return a;
}

/* Where factors are rounded, what counts is how large numbers are. */
static void compare_numbers(const char *what, const float *cuda, const float *cpu, size_t n,
                            Precision precision, double tolerance)
{
    double of = precision == PRECISION_FLOAT32 ? 1 : parity_largest(cpu, n);
    parity_compare(what, cuda, cpu, n, tolerance * of);
}

static void compare_loss(double cuda, double cpu, const float *y, size_t n, Precision precision,
                         double tolerance)
{
    double of = fmax(1, fabs(cpu));
    if (precision != PRECISION_FLOAT32) // a sum of all numbers, whose errors have signs
        of = fmax(of, sqrt((double)n) * parity_largest(y, n));
    ck_assert_msg(fabs(cuda - cpu) <= tolerance * of, "the loss: CUDA says %.9g, the CPU %.9g",
                  cuda, cpu);
}

static void compare(const Subject *s, const Answer *cuda, const Answer *cpu, Precision precision,
                    double tolerance)
{
    char what[128];
    compare_loss(cuda->loss, cpu->loss, cpu->y, elements(s, s->y), precision, tolerance);
    compare_numbers("output", cuda->y, cpu->y, elements(s, s->y), precision, tolerance);
    for (size_t i = 0; i < CHECK_MOST_INPUTS; i++) {
        snprintf(what, sizeof what, "gradient of input %zu", i);
        if (cpu->input_gradient[i])
            compare_numbers(what, cuda->input_gradient[i], cpu->input_gradient[i],
                            elements(s, s->inputs[i]), precision, tolerance);
    }
    for (size_t i = 0; i < cpu->parameters.count; i++) {
        const char *name = cpu->parameters.slot[i].name;
        size_t n = cpu->parameters.elements[i];
        compare_numbers(name, cuda->value[i], cpu->value[i], n, precision, tolerance);
        snprintf(what, sizeof what, "gradient of %s", name);
        if (cpu->gradient[i])
            compare_numbers(what, cuda->gradient[i], cpu->gradient[i], n, precision, tolerance);
    }
}

static void check_case(Precision precision, double tolerance, const GradientCheck *check,
                       const Layout *layout)
{
    Arena arena;
    Device cpu, cuda;
    parity_open_in(precision, &cpu, &cuda, &arena);
    Subject s = { .check = check, .layout = layout, .arena = &arena };
    build(&s);
    parity_order(false);
    Answer expected = ask(&s, &cpu), first = ask(&s, &cuda);
    parity_order(true);
    Answer second = ask(&s, &cuda);
    compare(&s, &first, &expected, precision, tolerance);
    compare(&s, &second, &first, precision, 0); // the same bits
    parity_close(&cuda, &arena);
}

START_TEST(an_op_on_cuda_agrees_with_the_cpu)
{
    check_case(PRECISION_FLOAT32, PARITY, &op_cases[_i], &layouts[0]);
}
END_TEST

START_TEST(an_op_of_many_rows_on_cuda_agrees_with_the_cpu)
{
    check_case(PRECISION_FLOAT32, PARITY, &op_cases[_i], &layouts[1]);
}
END_TEST

START_TEST(an_op_of_wide_rows_on_cuda_agrees_with_the_cpu)
{
    check_case(PRECISION_FLOAT32, PARITY, &wide_cases[_i], &layouts[1]);
}
END_TEST

START_TEST(a_product_in_tf32_on_cuda_agrees_with_the_cpu)
{
    check_case(PRECISION_TF32, PARITY_TF32, &wide_cases[_i], &layouts[1]);
}
END_TEST

START_TEST(a_product_in_bf16_on_cuda_agrees_with_the_cpu)
{
    check_case(PRECISION_BF16, PARITY_BF16, &wide_cases[_i], &layouts[1]);
}
END_TEST

/* Some absorb what stands before them, and take less memory; all say the same as without. */
START_TEST(an_op_that_absorbs_another_agrees_with_both)
{
    const GradientCheck *check = &wide_cases[_i];
    bool absorbs =
        check->build == build_soft_aggregate || check->build == build_soft_aggregate_expanded;
    Arena arena;
    Device cpu, cuda;
    parity_open(&cpu, &cuda, &arena);
    Device apart = cuda;
    apart.fuses = false;
    Subject s = { .check = check, .layout = &layouts[1], .arena = &arena };
    build(&s);
    Answer together = ask(&s, &cuda), alone = ask(&s, &apart);
    compare(&s, &together, &alone, PRECISION_FLOAT32, PARITY);
    if (absorbs)
        ck_assert_uint_lt(together.plan_bytes, alone.plan_bytes);
    else
        ck_assert_uint_eq(together.plan_bytes, alone.plan_bytes);
    parity_close(&cuda, &arena);
}
END_TEST

static int run(void)
{
    TCase *cases = tcase_create("ops");
    tcase_add_loop_test(cases, an_op_on_cuda_agrees_with_the_cpu, 0, (int)OP_CASES);
    tcase_add_loop_test(cases, an_op_of_many_rows_on_cuda_agrees_with_the_cpu, 0, (int)OP_CASES);
    tcase_add_loop_test(cases, an_op_of_wide_rows_on_cuda_agrees_with_the_cpu, 0, (int)WIDE_CASES);
    tcase_add_loop_test(cases, a_product_in_tf32_on_cuda_agrees_with_the_cpu, 0, PRODUCT_CASES);
    tcase_add_loop_test(cases, a_product_in_bf16_on_cuda_agrees_with_the_cpu, 0, PRODUCT_CASES);
    tcase_add_loop_test(cases, an_op_that_absorbs_another_agrees_with_both, 0, PRODUCT_CASES);
    return run_case("ops on CUDA", cases);
}

int main(int argc, char *argv[])
{
    return parity_main(argc, argv, run);
}
