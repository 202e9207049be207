#include "common/tensor/profile.h"
#include "common/base/progress.h"
#include "common/tensor/ops.h"
#include "common/tensor/plan_state.h"

#include <string.h>

#define ROUNDS 5
#define WIDTH ((size_t)2048)        // of the matrices of the large product
#define WIDTH_GPU ((size_t)8192)    // where a small one takes no time
#define PASS_ROWS ((size_t)1 << 14) // of WIDTH numbers: 128 MiB, twice

void plan_measure(Plan *plan)
{
    plan->measures = true;
    for (size_t i = 0; i < plan->step_count; i++)
        plan->steps[i].calls = 0, plan->steps[i].forward_seconds = 0,
        plan->steps[i].backward_seconds = 0;
}

/* ---- limits ---- */

/* Seconds that the last op of a graph takes at best. */
static double seconds_of_last(Plan *plan)
{
    double best = 0, before = 0;
    const Step *step = &plan->steps[plan->step_count - 1];
    for (size_t round = 0; round < ROUNDS; round++) {
        plan_forward(plan, 0, 0);
        double seconds = step->forward_seconds - before;
        before = step->forward_seconds;
        if (round == 0 || seconds < best)
            best = seconds;
    }
    return best;
}

/* Time one op of x [rows, width], which is zeros. */
static bool time_op(const Device *device, const Graph *g, Tensor x, Tensor y, size_t rows,
                    real *weights, double *seconds, Arena *arena, Failure *failure)
{
    real *zeros;
    if (!graph_finish(g, failure)
        || !arena_array(arena, zeros, rows * shape_elements(shape_of(x)), failure))
        return false;
    Plan *plan = plan_create(g, device, (size_t[]){ rows }, &y, 1, false, arena, failure);
    bool ok = plan && plan_bind_rows(plan, rows_of(x), rows, NULL, failure);
    if (ok) {
        plan_measure(plan);
        plan_bind_parameters(plan, (real *const[]){ weights }, NULL);
        plan_bind_input(plan, x, zeros);
        *seconds = seconds_of_last(plan);
    }
    plan_destroy(plan);
    return ok;
}

static bool time_product(DeviceLimits *limits, const Device *device, Arena arena, Failure *failure)
{
    size_t n = device->is_host ? WIDTH : WIDTH_GPU, bytes = n * n * sizeof(real);
    Graph *g = graph_create(&arena, failure);
    real *weights = device->allocate(device, bytes);
    double seconds = 1;
    if (!g || !weights)
        return fail(failure, EX_OSERR, "out of memory: a product of %zu MiB on %s", bytes >> 20,
                    device->name);
    device->clear(device, weights, bytes);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(graph_rows(g, "rows", NULL), n));
    Tensor W = parameter(g, "W", shape_matrix(n, n), (Initializer){ .kind = INITIALIZE_CONSTANT });
    bool ok = time_op(device, g, x, affine(g, x, W, NULL), n, weights, &seconds, &arena, failure);
    device->release(device, weights, bytes);
    limits->operations = 2 * (double)n * (double)n * (double)n / seconds;
    return ok;
}

static bool time_pass(DeviceLimits *limits, const Device *device, Arena arena, Failure *failure)
{
    Graph *g = graph_create(&arena, failure);
    double seconds = 1;
    if (!g)
        return false;
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(graph_rows(g, "rows", NULL), WIDTH));
    if (!time_op(device, g, x, relu(g, x), PASS_ROWS, NULL, &seconds, &arena, failure))
        return false;
    limits->bytes = 2 * (double)(PASS_ROWS * WIDTH * sizeof(real)) / seconds;
    return true;
}

bool device_limits(DeviceLimits *limits, const Device *device, Arena arena, Failure *failure)
{
    return time_product(limits, device, arena, failure)
        && time_pass(limits, device, arena, failure);
}

/* ---- the table ---- */

/* One direction of an op, or the sum of several. */
typedef struct Work {
    double seconds, bytes, operations;
} Work;

static double bytes_of(const OpTensor *x, Type type)
{
    size_t element = type == TYPE_BYTE ? sizeof(uint8_t)
        : type == TYPE_INDEX           ? sizeof(uint32_t)
                                       : sizeof(real);
    return (double)x->rows * (double)x->width * (double)element;
}

static Work forward_work(const Step *step)
{
    const OpRun *run = &step->run;
    const Op *op = step->node->op;
    Work work = { .seconds = step->forward_seconds, .bytes = bytes_of(&run->output, TYPE_REAL) };
    for (size_t i = 0; i < run->input_count; i++)
        if (step->node->inputs[i])
            work.bytes += bytes_of(&run->input[i], step->node->inputs[i]->type);
    work.operations = op->operations ? op->operations(run, false) : 0;
    return work;
}

static Work backward_work(const Step *step)
{
    const OpRun *run = &step->run;
    const Op *op = step->node->op;
    Work work = { .seconds = step->backward_seconds };
    if (!step->backward)
        return work;
    work.bytes = bytes_of(&run->output, TYPE_REAL) * (op->saves & OP_SAVES_OUTPUT ? 2 : 1);
    for (size_t i = 0; i < run->input_count; i++) {
        if (!step->node->inputs[i])
            continue;
        if (op->saves & OP_SAVES_INPUT(i))
            work.bytes += bytes_of(&run->input[i], step->node->inputs[i]->type);
        if (run->input[i].gradient)
            work.bytes += bytes_of(&run->input[i], TYPE_REAL) * (run->accumulate[i] ? 2 : 1);
    }
    work.operations = op->operations ? op->operations(run, true) : 0;
    return work;
}

static void add_work(Work *sum, Work work)
{
    sum->seconds += work.seconds;
    sum->bytes += work.bytes;
    sum->operations += work.operations;
}

static double rate(double amount, double seconds)
{
    return seconds > 0 ? amount / seconds : 0;
}

/* Seconds that work takes at the limits. */
static double least_seconds(Work work, const DeviceLimits *limits)
{
    double of_bytes = work.bytes / limits->bytes;
    double of_operations = work.operations / limits->operations;
    return of_bytes > of_operations ? of_bytes : of_operations;
}

/* The columns behind a line's times: of one run. */
static void print_work(Work work, double least, bool has_limits, FILE *to)
{
    fprintf(to, " %9.2f %9.3f %8.1f %9.1f", work.bytes / 1e6, work.operations / 1e9,
            rate(work.bytes, work.seconds) / 1e9, rate(work.operations, work.seconds) / 1e9);
    if (has_limits)
        fprintf(to, " %8.0f%%", 100 * rate(least, work.seconds));
    fprintf(to, "\n");
}

typedef struct Total {
    Work work;
    double least; // seconds at the limits
} Total;

static void add_total(Total *sum, Total one)
{
    add_work(&sum->work, one.work);
    sum->least += one.least;
}

static Total print_step(const Step *step, double seconds, const DeviceLimits *limits, FILE *to)
{
    char name[128], text[96];
    double calls = step->calls ? (double)step->calls : 1;
    Work forward = forward_work(step), backward = backward_work(step);
    Total both = { 0 };
    forward.seconds /= calls;
    backward.seconds /= calls;
    add_work(&both.work, forward);
    add_work(&both.work, backward);
    if (limits)
        both.least = least_seconds(forward, limits) + least_seconds(backward, limits);
    snprintf(name, sizeof name, "%s %s", step->node->name, shape_text(step->node->shape, text));
    fprintf(to, "%-48s %7zu %10.3f %11.3f %6.1f%%", name, step->calls, 1e3 * forward.seconds,
            1e3 * backward.seconds, 100 * rate(both.work.seconds * calls, seconds));
    print_work(both.work, both.least, limits != NULL, to);
    return both;
}

static void print_total(const char *name, Total sum, Total all, bool has_limits, FILE *to)
{
    fprintf(to, "%-48s %7s %22.3f %6.1f%%", name, "", 1e3 * sum.work.seconds,
            100 * rate(sum.work.seconds, all.work.seconds));
    print_work(sum.work, sum.least, has_limits, to);
}

void plan_profile(const Plan *plan, const DeviceLimits *limits, FILE *to)
{
    Total all = { 0 }, products = { 0 };
    double seconds = 0;
    for (size_t i = 0; i < plan->step_count; i++)
        seconds += plan->steps[i].forward_seconds + plan->steps[i].backward_seconds;
    fprintf(to, "%-48s %7s %10s %11s %7s %9s %9s %8s %9s%s\n", "op", "calls", "forward ms",
            "backward ms", "share", "MB", "GFLOP", "GB/s", "GFLOP/s", limits ? "  of limit" : "");
    for (size_t i = 0; i < plan->step_count; i++) {
        Total one = print_step(&plan->steps[i], seconds, limits, to);
        add_total(&all, one);
        if (one.work.operations > 0)
            add_total(&products, one);
    }
    print_total("all products", products, all, limits != NULL, to);
    print_total("all ops", all, all, limits != NULL, to);
}
