#include "common/tensor/plan.h"
#include "common/tensor/lifetime.h"
#include "common/tensor/node.h"
#include "common/base/progress.h"

#include <string.h>

typedef struct PlanRows {
    size_t bound, count;
    uint32_t *offsets; // [bound of the parent + 1], or NULL
} PlanRows;

typedef struct Step {
    const Node *node;
    OpRun run;
    bool backward;         // its backward runs
    bool same_input_twice; // its gradients must be added up even by ops that overwrite
    size_t calls;
    double forward_seconds, backward_seconds;
} Step;

struct Plan {
    const GraphCore *core;
    const Device *device;
    bool training;
    const Lifetimes *lifetimes;
    PlanRows *rows;    // [rows of the graph]
    const void **data; // [nodes]: where each value lives
    real **gradients;  // [nodes]: where each gradient lives, NULL: not wanted
    bool *touched;     // [nodes]: somebody has written to the gradient in this run
    Step *steps;       // [step_count], ops in the order of the graph
    size_t step_count;
    char *memory;
    size_t bytes;
};

/* ---- making a plan ---- */

static bool make_rows(Plan *plan, const size_t bounds[], Arena *arena, Failure *failure)
{
    const GraphCore *core = plan->core;
    if (!arena_array(arena, plan->rows, core->rows_count, failure))
        return false;
    for (size_t i = 0; i < core->rows_count; i++) {
        const Rows *parent = core->rows[i]->parent;
        plan->rows[i].bound = bounds[i];
        if (parent
            && !arena_array(arena, plan->rows[i].offsets, bounds[parent->number] + 1, failure))
            return false;
    }
    return true;
}

/* Place every buffer of the lifetimes in the device's memory. */
static void place_nodes(Plan *plan)
{
    const Lifetimes *l = plan->lifetimes;
    for (size_t i = 0; i < plan->core->node_count; i++) {
        const Node *node = plan->core->nodes[i];
        if (l->value[i].used)
            plan->data[i] = plan->memory + l->value[i].offset;
        else if (l->base[i] != node)
            plan->data[i] = plan->data[l->base[i]->number];
        if (l->gradient[i].used)
            plan->gradients[i] = (real *)(plan->memory + l->gradient[i].offset);
        else if (l->base[i] != node)
            plan->gradients[i] = plan->gradients[l->base[i]->number];
    }
}

static OpTensor tensor_of(const Plan *plan, const Node *node)
{
    const Rows *rows = node->shape.rows;
    return (OpTensor){
        .data = (real *)plan->data[node->number],
        .gradient = plan->gradients[node->number],
        .rows = rows ? plan->rows[rows->number].count : 1,
        .width = shape_elements(node->shape),
        .shape = node->shape,
        .offsets = rows ? plan->rows[rows->number].offsets : NULL,
    };
}

static bool has_input_twice(const Lifetimes *l, const Node *node)
{
    for (size_t i = 0; i < node->input_count; i++)
        for (size_t j = 0; j < i; j++)
            if (node->inputs[i] && node->inputs[j]
                && l->base[node->inputs[i]->number] == l->base[node->inputs[j]->number])
                return true;
    return false;
}

static void make_step(Plan *plan, const Node *node)
{
    const Lifetimes *l = plan->lifetimes;
    Step *step = &plan->steps[plan->step_count++];
    *step = (Step){ .node = node, .backward = l->runs_backward[node->number] };
    step->same_input_twice = has_input_twice(l, node);
    step->run = (OpRun){ .op = node->op,
                         .attributes = node->attributes,
                         .input_count = node->input_count,
                         .training = plan->training,
                         .blas = plan->device->blas };
    for (size_t i = 0; i < node->kept_count; i++)
        step->run.kept[i] =
            (real *)(plan->memory + l->kept[node->number * OP_MOST_KEPT + i].offset);
}

Plan *plan_create(const Graph *g, const Device *device, const size_t bounds[],
                  const Tensor outputs[], size_t output_count, bool training, Arena *arena,
                  Failure *failure)
{
    Plan *plan;
    const GraphCore *core = g->core;
    if (!graph_finish(g, failure) || !arena_array(arena, plan, 1, failure))
        return NULL;
    *plan = (Plan){ .core = core, .device = device, .training = training };
    plan->lifetimes =
        lifetimes_create(core, bounds, outputs, output_count, training, arena, failure);
    if (!plan->lifetimes || !make_rows(plan, bounds, arena, failure)
        || !arena_array(arena, plan->data, core->node_count, failure)
        || !arena_array(arena, plan->gradients, core->node_count, failure)
        || !arena_array(arena, plan->touched, core->node_count, failure)
        || !arena_array(arena, plan->steps, core->node_count, failure))
        return NULL;
    plan->bytes = plan->lifetimes->bytes;
    plan->memory = device->allocate(plan->bytes);
    if (!plan->memory) {
        fail(failure, EX_OSERR,
             "out of memory: a plan of %zu MiB; a smaller batch or fewer frames need less",
             plan->bytes >> 20);
        return NULL;
    }
    place_nodes(plan);
    for (size_t i = 0; i < core->node_count; i++)
        if (plan->lifetimes->runs_forward[i])
            make_step(plan, core->nodes[i]);
    return plan;
}

void plan_destroy(Plan *plan)
{
    if (plan && plan->memory)
        plan->device->release(plan->memory, plan->bytes);
    if (plan)
        plan->memory = NULL;
}

size_t plan_bytes(const Plan *plan)
{
    return plan->bytes;
}

size_t plan_bytes_unshared(const Plan *plan)
{
    return plan->lifetimes->bytes_unshared;
}

/* ---- binding ---- */

/* Views of what was just bound follow it. */
static void bind_views(Plan *plan, const Node *base)
{
    const Lifetimes *l = plan->lifetimes;
    for (size_t i = base->number + 1; i < plan->core->node_count; i++)
        if (l->base[i] == base) {
            plan->data[i] = plan->data[base->number];
            plan->gradients[i] = plan->gradients[base->number];
        }
}

void plan_bind_parameters(Plan *plan, real *const values[], real *const gradients[])
{
    for (size_t i = 0; i < plan->core->node_count; i++) {
        const Node *node = plan->core->nodes[i];
        if (node->kind != NODE_PARAMETER && node->kind != NODE_STATISTIC)
            continue;
        plan->data[i] = values[node->parameter];
        if (gradients && node->kind == NODE_PARAMETER && plan->training)
            plan->gradients[i] = gradients[node->parameter];
        bind_views(plan, node);
    }
}

bool plan_bind_rows(Plan *plan, const Rows *rows, size_t count, const uint32_t *offsets,
                    Failure *failure)
{
    PlanRows *own = &plan->rows[rows->number];
    if (count > own->bound)
        return fail(failure, EX_SOFTWARE, "%zu rows of %s; the plan was made for %zu", count,
                    rows->name, own->bound);
    own->count = count;
    if (own->offsets)
        memcpy(own->offsets, offsets,
               (plan->rows[rows->parent->number].count + 1) * sizeof *offsets);
    return true;
}

void plan_bind_input(Plan *plan, Tensor input, const void *data)
{
    plan->data[input->number] = data;
    bind_views(plan, input);
}

const real *plan_output(const Plan *plan, Tensor output)
{
    return plan->data[output->number];
}

const real *plan_gradient(const Plan *plan, Tensor x)
{
    return plan->gradients[x->number];
}

/* ---- running ---- */

static void bind_step(const Plan *plan, Step *step)
{
    OpRun *run = &step->run;
    const Rows *rows = NULL;
    for (size_t i = 0; i < run->input_count; i++)
        if (step->node->inputs[i])
            run->input[i] = tensor_of(plan, step->node->inputs[i]);
    run->output = tensor_of(plan, step->node);
    if (step->node->input_count && step->node->inputs[0])
        rows = step->node->inputs[0]->shape.rows;
    run->groups = rows && rows->parent ? plan->rows[rows->parent->number].count : 0;
}

static void place_scratch(const Plan *plan, Step *step, const Buffer *buffers)
{
    for (size_t i = 0; i < step->node->scratch_count; i++)
        step->run.scratch[i] =
            (real *)(plan->memory + buffers[step->node->number * OP_MOST_KEPT + i].offset);
}

/* Weight times the mean of a loss over its rows. */
static double loss_value(const Plan *plan, const Loss *loss)
{
    OpTensor value = tensor_of(plan, loss->value);
    return value.rows
        ? loss->weight * plan->device->sum(value.data, value.rows) / (double)value.rows
        : 0;
}

static double penalty_value(const Plan *plan, const Node *node)
{
    size_t n = shape_elements(node->shape);
    return 0.5 * node->penalty * plan->device->sum_of_squares(plan->data[node->number], n);
}

void plan_forward(Plan *plan, uint64_t seed, uint64_t step_number)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        Step *step = &plan->steps[i];
        double begun = progress_clock();
        bind_step(plan, step);
        place_scratch(plan, step, plan->lifetimes->scratch_forward);
        step->run.key = philox_key(seed, step->node->name);
        step->run.step = step_number;
        plan->device->forward(&step->run);
        step->calls++;
        step->forward_seconds += progress_clock() - begun;
    }
}

double plan_loss(const Plan *plan)
{
    const GraphCore *core = plan->core;
    double loss = 0;
    for (size_t i = 0; i < core->loss_count; i++)
        loss += loss_value(plan, &core->losses[i]);
    for (size_t i = 0; i < core->node_count; i++)
        if (core->nodes[i]->penalty != 0)
            loss += penalty_value(plan, core->nodes[i]);
    return loss;
}

static void clear_gradient(Plan *plan, const Node *base)
{
    OpTensor x = tensor_of(plan, base);
    plan->device->clear(x.gradient, x.rows * x.width);
    plan->touched[base->number] = true;
}

/* The gradients of the losses' own values: their weight, shared among their rows. */
static void seed_losses(Plan *plan)
{
    for (size_t i = 0; i < plan->core->loss_count; i++) {
        const Loss *loss = &plan->core->losses[i];
        const Node *base = plan->lifetimes->base[loss->value->number];
        OpTensor value = tensor_of(plan, base);
        if (!value.gradient)
            continue;
        if (!plan->touched[base->number])
            clear_gradient(plan, base);
        for (size_t row = 0; row < value.rows; row++)
            value.gradient[row] += (real)(loss->weight / (double)value.rows);
    }
}

/* Say for each input whether to add to its gradient, and zero those that kernels only add to. */
static void open_gradients(Plan *plan, Step *step)
{
    const Node *node = step->node;
    OpRun *run = &step->run;
    for (size_t i = 0; i < node->input_count; i++) {
        if (!node->inputs[i] || !run->input[i].gradient)
            continue;
        const Node *base = plan->lifetimes->base[node->inputs[i]->number];
        bool overwrites = node->op->overwrites >> i & 1 && !step->same_input_twice;
        if (!plan->touched[base->number] && !overwrites)
            clear_gradient(plan, base);
        run->accumulate[i] = plan->touched[base->number];
        plan->touched[base->number] = true;
    }
}

static void add_penalty(Plan *plan, const Node *node)
{
    plan->device->add_scaled(plan->gradients[node->number], plan->data[node->number],
                             (real)node->penalty, shape_elements(node->shape));
}

void plan_backward(Plan *plan)
{
    const GraphCore *core = plan->core;
    memset(plan->touched, 0, core->node_count * sizeof *plan->touched);
    seed_losses(plan);
    for (size_t i = plan->step_count; i-- > 0;) {
        Step *step = &plan->steps[i];
        if (!step->backward)
            continue;
        double begun = progress_clock();
        const Node *own = plan->lifetimes->base[step->node->number];
        bind_step(plan, step);
        place_scratch(plan, step, plan->lifetimes->scratch_backward);
        if (!plan->touched[own->number])
            clear_gradient(plan, own);
        open_gradients(plan, step);
        plan->device->backward(&step->run);
        step->backward_seconds += progress_clock() - begun;
    }
    for (size_t i = 0; i < core->node_count; i++) {
        const Node *node = core->nodes[i];
        if (node->kind != NODE_PARAMETER || !plan->gradients[i])
            continue;
        if (!plan->touched[i])
            clear_gradient(plan, node);
        if (node->penalty != 0)
            add_penalty(plan, node);
    }
}

void plan_profile(const Plan *plan, FILE *to)
{
    double total = 0;
    for (size_t i = 0; i < plan->step_count; i++)
        total += plan->steps[i].forward_seconds + plan->steps[i].backward_seconds;
    fprintf(to, "%-48s %10s %12s %12s %7s\n", "op", "calls", "forward ms", "backward ms", "share");
    for (size_t i = 0; i < plan->step_count; i++) {
        const Step *step = &plan->steps[i];
        double calls = step->calls ? (double)step->calls : 1;
        char name[128], text[96];
        snprintf(name, sizeof name, "%s %s", step->node->name, shape_text(step->node->shape, text));
        fprintf(to, "%-48s %10zu %12.3f %12.3f %6.1f%%\n", name, step->calls,
                1e3 * step->forward_seconds / calls, 1e3 * step->backward_seconds / calls,
                100 * (step->forward_seconds + step->backward_seconds) / (total > 0 ? total : 1));
    }
}
