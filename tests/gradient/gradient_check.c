#include "gradient/gradient_check.h"
#include <check.h>
#include <math.h>

#define STEP 1e-5
#define BATCH 4
#define FRAMES 9
#define SEED CHECK_SEED
#define TRAINING_STEP 3

/* Videos of no frame, one, and several. */
static const uint32_t frame_offsets[BATCH + 1] = { 0, 3, 3, 4, 9 };

/* ---- sum_j w_j y_j: one number of each row, whatever the op under test gives ---- */

static bool weigh_shape(OpShape *op)
{
    return op_output(op, shape_rows(op_input(op, 0).rows, 1));
}

static void weigh_forward(const OpRun *run, size_t begin, size_t end)
{
    for (size_t row = begin; row < end; row++) {
        real sum = 0;
        for (size_t j = 0; j < run->input[0].width; j++)
            sum += row_of(&run->input[0], row)[j] * row_of(&run->input[1], row)[j];
        run->output.data[row] = sum;
    }
}

static void weigh_backward(const OpRun *run, size_t begin, size_t end)
{
    for (size_t row = begin; row < end; row++)
        for (size_t j = 0; j < run->input[0].width; j++)
            gradient_of(&run->input[0], row)[j] +=
                run->output.gradient[row] * row_of(&run->input[1], row)[j];
}

static const Op op_weigh = { "weigh", weigh_shape, .forward = { { OP_BY_ROW, weigh_forward } },
                             .backward = { { OP_BY_ROW, weigh_backward } },
                             .saves = OP_SAVES_INPUTS };

/* ---- storage ---- */

typedef struct Storage {
    real **values, **gradients; // [parameters]
    size_t count;
} Storage;

static void make_storage(Storage *storage, const Graph *g, Arena *arena)
{
    Failure failure = { 0 };
    storage->count = graph_parameter_count(g);
    ck_assert(arena_array(arena, storage->values, storage->count, &failure));
    ck_assert(arena_array(arena, storage->gradients, storage->count, &failure));
    for (size_t i = 0; i < storage->count; i++) {
        ParameterSlot slot = graph_parameter(g, i);
        size_t n = shape_elements(slot.shape);
        bool constant = slot.initializer.kind == INITIALIZE_CONSTANT;
        double a = slot.initializer.a, b = slot.initializer.b;
        ck_assert(arena_array(arena, storage->values[i], n, &failure));
        ck_assert(arena_array(arena, storage->gradients[i], n, &failure));
        // a scale of exactly 1 or a shift of 0 would hide mistakes
        check_fill(storage->values[i], n,
                   constant    ? a - 0.2
                       : a < b ? a
                               : -0.5,
                   constant    ? a + 0.2
                       : a < b ? b
                               : 0.5,
                   slot.name);
    }
}

static double loss_at(Plan *plan)
{
    plan_forward(plan, SEED, TRAINING_STEP);
    return plan_loss(plan);
}

/* The loss's slope along one number, by central differences. */
static double slope(Plan *plan, real *x)
{
    real kept = *x;
    *x = kept + STEP;
    double above = loss_at(plan);
    *x = kept - STEP;
    double below = loss_at(plan);
    *x = kept;
    return (above - below) / (2 * STEP);
}

static void compare(const char *name, size_t element, double computed, double expected,
                    double tolerance)
{
    double scale = fabs(expected) > 1 ? fabs(expected) : 1;
    ck_assert_msg(fabs(computed - expected) <= tolerance * scale,
                  "%s[%zu]: backward says %.12g, differences say %.12g", name, element, computed,
                  expected);
}

static void check_tensor(Plan *plan, const char *name, real *values, const real *gradients,
                         size_t n, size_t samples, double tolerance)
{
    size_t stride = n > samples ? n / samples : 1;
    for (size_t i = 0; i < n; i += stride)
        compare(name, i, (double)gradients[i], slope(plan, values + i), tolerance);
}

/* ---- whole graphs ---- */

void check_graph_gradients(Graph *g, const size_t bounds[], size_t samples, double tolerance,
                           void (*bind)(Plan *plan, void *context), void *context, Arena *arena)
{
    Storage storage;
    Device device;
    Failure failure = { 0 };
    ck_assert_msg(device_open_cpu(&device, arena, &failure), "%s", failure.message);
    Plan *plan = plan_create(g, &device, bounds, NULL, 0, true, arena, &failure);
    ck_assert_msg(plan != NULL, "%s", failure.message);
    make_storage(&storage, g, arena);
    plan_bind_parameters(plan, storage.values, storage.gradients);
    bind(plan, context);
    loss_at(plan);
    plan_backward(plan);
    for (size_t i = 0; i < storage.count; i++) {
        ParameterSlot slot = graph_parameter(g, i);
        if (slot.trained)
            check_tensor(plan, slot.name, storage.values[i], storage.gradients[i],
                         shape_elements(slot.shape), samples, tolerance);
    }
    plan_destroy(plan);
}

/* ---- single ops ---- */

typedef struct OpCheck {
    const Rows *batch, *frames;
    Tensor inputs[CHECK_MOST_INPUTS], weights;
    real *data[CHECK_MOST_INPUTS], *weight_data;
    const GradientCheck *check;
} OpCheck;

static size_t row_count(Tensor x)
{
    return !rows_of(x) ? 1 : rows_of(x)->parent ? FRAMES : BATCH;
}

static real *fill(Tensor x, double low, double high, const char *purpose, Arena *arena)
{
    real *data;
    Failure failure = { 0 };
    size_t n = row_count(x) * shape_elements(shape_of(x));
    ck_assert(arena_array(arena, data, n, &failure));
    check_fill(data, n, low, high, purpose);
    return data;
}

static void add_input(Graph *g, OpCheck *own, size_t i, Arena *arena)
{
    const CheckInput *wish = &own->check->input[i];
    char name[32];
    Shape shape = { .rank = wish->rank };
    bool any = wish->low == 0 && wish->high == 0;
    double low = any ? -1 : wish->low, high = any ? 1 : wish->high;
    snprintf(name, sizeof name, "input-%zu", i);
    shape.rows = wish->rows == ROWS_NONE ? NULL
        : wish->rows == ROWS_BATCH       ? own->batch
                                         : own->frames;
    for (size_t axis = 0; axis < wish->rank; axis++)
        shape.axes[axis] = wish->axes[axis];
    Initializer initializer = { INITIALIZE_UNIFORM, low, high };
    if (wish->rows == ROWS_NONE) {
        own->inputs[i] = wish->without ? statistic(g, name, shape, initializer)
                                       : parameter(g, name, shape, initializer);
        return;
    }
    own->inputs[i] = input(g, name, TYPE_REAL, shape);
    if (!wish->without)
        graph_want_gradient(g, own->inputs[i]);
    own->data[i] = fill(own->inputs[i], low, high, name, arena);
}

static void bind_op(Plan *plan, void *context)
{
    OpCheck *own = context;
    Failure failure = { 0 };
    ck_assert(plan_bind_rows(plan, own->batch, BATCH, NULL, &failure));
    ck_assert(plan_bind_rows(plan, own->frames, FRAMES, frame_offsets, &failure));
    for (size_t i = 0; i < CHECK_MOST_INPUTS && own->check->input[i].rank; i++)
        if (own->data[i])
            plan_bind_input(plan, own->inputs[i], own->data[i]);
    plan_bind_input(plan, own->weights, own->weight_data);
}

static void check_op(Graph *g, OpCheck *own, Arena *arena)
{
    Device device;
    Storage storage;
    Failure failure = { 0 };
    const GradientCheck *check = own->check;
    ck_assert_msg(graph_finish(g, &failure), "%s", failure.message);
    ck_assert_msg(device_open_cpu(&device, arena, &failure), "%s", failure.message);
    Plan *plan =
        plan_create(g, &device, (size_t[]){ BATCH, FRAMES }, NULL, 0, true, arena, &failure);
    ck_assert_msg(plan != NULL, "%s", failure.message);
    make_storage(&storage, g, arena);
    plan_bind_parameters(plan, storage.values, storage.gradients);
    bind_op(plan, own);
    loss_at(plan);
    plan_backward(plan);
    for (size_t i = 0, parameter = 0; i < CHECK_MOST_INPUTS && check->input[i].rank; i++) {
        bool stored = check->input[i].rows == ROWS_NONE;
        real *values = stored ? storage.values[parameter] : own->data[i];
        const real *gradients =
            stored ? storage.gradients[parameter] : plan_gradient(plan, own->inputs[i]);
        parameter += stored;
        char name[32];
        snprintf(name, sizeof name, "input %zu", i);
        if (!check->input[i].without)
            check_tensor(plan, name, values, gradients,
                         row_count(own->inputs[i]) * shape_elements(shape_of(own->inputs[i])), 1000,
                         check->tolerance);
    }
    plan_destroy(plan);
}

void check_gradients(GradientCheck check)
{
    Arena arena;
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    Graph *g = graph_create(&arena, &failure);
    OpCheck own = { .check = &check };
    own.batch = graph_rows(g, "batch", NULL);
    own.frames = graph_rows(g, "frames", own.batch);
    for (size_t i = 0; i < CHECK_MOST_INPUTS && check.input[i].rank; i++)
        add_input(g, &own, i, &arena);
    Tensor y = check.build(g, own.inputs);
    own.weights = input(g, "weights", TYPE_REAL, shape_of(y));
    own.weight_data = fill(own.weights, 0.5, 1.5, "weights", &arena);
    graph_loss(g, "weighed", graph_apply(g, &op_weigh, NULL, 0, (Tensor[]){ y, own.weights }, 2),
               1);
    check_op(g, &own, &arena);
    arena_close(&arena);
}
