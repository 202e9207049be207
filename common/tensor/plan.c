#include "common/tensor/plan.h"
#include "common/tensor/fuse.h"
#include "common/tensor/plan_state.h"

#include <string.h>

#define ALIGNMENT ((size_t)256) // of what a device reads at full speed

/* ---- making a plan ---- */

/* Slices are of samples; what belongs to samples has as many. */
static size_t most_slices(const Plan *plan, const Rows *rows)
{
    while (rows->parent)
        rows = rows->parent;
    return plan->rows[rows->number].bound / plan->core->slice + 1;
}

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
        if (core->slice && plan->device->is_host
            && !arena_array(arena, plan->rows[i].slices, most_slices(plan, core->rows[i]) + 1,
                            failure))
            return false;
    }
    return true;
}

/* The losses' sums, between the buffers and the working space, which begins at a good place. */
static size_t sums_bytes(const Plan *plan)
{
    return (plan->core->loss_count * sizeof(double) + ALIGNMENT - 1) & -ALIGNMENT;
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
    for (size_t i = 0; i < plan->core->node_count * OP_MOST_INPUTS; i++)
        if (l->apart[i].used)
            plan->apart[i] = (real *)(plan->memory + l->apart[i].offset);
    for (size_t i = 0; i < plan->step_count; i++) {
        Step *step = &plan->steps[i];
        size_t first = step->node->number * OP_MOST_KEPT;
        for (size_t j = 0; j < step->node->kept_count; j++)
            step->run.kept[j] = (real *)(plan->memory + l->kept[first + j].offset);
        step->run.workspace = plan->memory + plan->bytes + sums_bytes(plan);
    }
    plan->sums = (double *)(plan->memory + plan->bytes);
    plan->total = plan->device->is_host ? &plan->loss : &plan->feed.result->loss;
}

OpTensor plan_tensor(const Plan *plan, const Node *node)
{
    const Rows *rows = node->shape.rows;
    const PlanRows *own = rows ? &plan->rows[rows->number] : NULL;
    OpTensor tensor = { .data = (real *)plan->data[node->number],
                        .gradient = plan->gradients[node->number],
                        .rows = own ? own->count : 1,
                        .width = shape_elements(node->shape),
                        .shape = node->shape,
                        .offsets = own ? own->offsets : NULL,
                        .first = own ? own->first : 0,
                        .total = own ? own->total : 1,
                        .slices = own ? own->slices : NULL,
                        .slice_count = own ? own->slice_count : 0 };
    if (!plan->device->is_host)
        plan_feed_rows(plan, own, &tensor);
    return tensor;
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
    step->of_parameters = node_is_of_parameters(node);
    step->run = (OpRun){ .op = node->op,
                         .attributes = node->attributes,
                         .input_count = node->input_count,
                         .training = plan->training,
                         .blas = plan->device->blas,
                         .device = plan->device->state };
}

/* Steps are made before there is memory: what they need of it depends on shapes alone. */
static void make_steps(Plan *plan)
{
    for (size_t i = 0; i < plan->core->node_count; i++)
        if (plan->lifetimes->runs_forward[i])
            make_step(plan, plan->core->nodes[i]);
}

/* The most working space that an op asks for, with as many rows as there can be. */
static size_t most_workspace(Plan *plan)
{
    size_t most = 0;
    for (size_t i = 0; i < plan->core->rows_count; i++)
        plan->rows[i].count = plan->rows[i].launch = plan->rows[i].bound;
    for (size_t i = 0; i < plan->step_count; i++) {
        plan_bind_step(plan, &plan->steps[i]);
        size_t bytes = plan->device->workspace_bytes(plan->device, &plan->steps[i].run);
        most = bytes > most ? bytes : most;
    }
    return most;
}

static size_t memory_bytes(const Plan *plan)
{
    return plan->bytes + sums_bytes(plan) + plan->workspace_bytes;
}

static bool take_memory(Plan *plan, Arena *arena, Failure *failure)
{
    const Device *device = plan->device;
    (void)arena;
    make_steps(plan);
    plan->bytes = plan->lifetimes->bytes;
    plan->workspace_bytes = device->is_host ? 0 : most_workspace(plan);
    plan->memory = device->allocate(device, memory_bytes(plan));
    if (plan->memory)
        return true;
    return device_refuse(device, "a plan", memory_bytes(plan),
                         plan->training ? "--micro-batch or --batch-size, or fewer frames,"
                                        : "--batch-size, or fewer frames,",
                         failure);
}

Plan *plan_create(const Graph *g, const Device *device, const size_t bounds[],
                  const Tensor outputs[], size_t output_count, bool training, Arena *arena,
                  Failure *failure)
{
    Plan *plan;
    const GraphCore *core = g->core;
    if (!graph_finish(g, failure) || !arena_array(arena, plan, 1, failure))
        return NULL;
    if (device->fuses)
        core = graph_fuse(g, outputs, output_count, arena, failure);
    if (!core)
        return NULL;
    *plan = (Plan){ .core = core, .device = device, .training = training };
    plan->lifetimes = lifetimes_create(core, bounds, outputs, output_count, training,
                                       device->rounds, arena, failure);
    if (!plan->lifetimes || !make_rows(plan, bounds, arena, failure)
        || !arena_array(arena, plan->data, core->node_count, failure)
        || !arena_array(arena, plan->gradients, core->node_count, failure)
        || !arena_array(arena, plan->apart, core->node_count * OP_MOST_INPUTS, failure)
        || !arena_array(arena, plan->touched, core->node_count, failure)
        || !arena_array(arena, plan->is_rounded, core->node_count, failure)
        || !arena_array(arena, plan->steps, core->node_count, failure))
        return NULL;
    if (!take_memory(plan, arena, failure)
        || (!device->is_host && !plan_feed_create(plan, outputs, output_count, arena, failure))) {
        plan_destroy(plan);
        return NULL;
    }
    place_nodes(plan);
    return plan;
}

void plan_destroy(Plan *plan)
{
    if (!plan)
        return;
    if (!plan->device->is_host)
        plan_feed_destroy(plan);
    if (plan->memory)
        plan->device->release(plan->device, plan->memory, memory_bytes(plan));
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

void plan_bind_views(Plan *plan, const Node *base)
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
        plan_bind_views(plan, node);
    }
}

/* Where slices begin: every so many samples; of what belongs to samples, where those begin. */
static void bind_slices(Plan *plan, const Rows *rows)
{
    PlanRows *own = &plan->rows[rows->number];
    const PlanRows *parent = rows->parent ? &plan->rows[rows->parent->number] : NULL;
    size_t slice = plan->core->slice;
    own->slice_count = parent ? parent->slice_count : (own->count + slice - 1) / slice;
    for (size_t i = 0; i <= own->slice_count; i++)
        own->slices[i] = parent      ? own->offsets[parent->slices[i]]
            : i * slice < own->count ? (uint32_t)(i * slice)
                                     : (uint32_t)own->count;
}

bool plan_bind_part(Plan *plan, const Rows *rows, PlanPart part, const uint32_t *offsets,
                    Failure *failure)
{
    PlanRows *own = &plan->rows[rows->number];
    if (part.count > own->bound)
        return fail(failure, EX_SOFTWARE, "%zu rows of %s; the plan was made for %zu", part.count,
                    rows->name, own->bound);
    if (own->slices && !rows->parent && part.first % plan->core->slice)
        return fail(failure, EX_SOFTWARE, "a part begins at %s %zu; slices are of %zu", rows->name,
                    part.first, plan->core->slice);
    own->count = part.count;
    own->first = part.first;
    own->total = part.total;
    for (size_t i = 0; own->offsets && rows->parent && i <= plan->rows[rows->parent->number].count;
         i++)
        own->offsets[i] = offsets[i] - offsets[0];
    if (own->slices)
        bind_slices(plan, rows);
    return true;
}

bool plan_bind_rows(Plan *plan, const Rows *rows, size_t count, const uint32_t *offsets,
                    Failure *failure)
{
    return plan_bind_part(plan, rows, (PlanPart){ 0, count, count }, offsets, failure);
}

bool plan_begins(const Plan *plan)
{
    bool begins = true;
    for (size_t i = 0; i < plan->core->rows_count; i++)
        begins = begins && plan->rows[i].first == 0;
    return begins;
}

bool plan_ends(const Plan *plan)
{
    bool ends = true;
    for (size_t i = 0; i < plan->core->rows_count; i++)
        ends = ends && plan->rows[i].first + plan->rows[i].count == plan->rows[i].total;
    return ends;
}

void plan_bind_input(Plan *plan, Tensor input, const void *data)
{
    if (!plan->device->is_host) {
        plan->bound[input->number] = data;
        return;
    }
    plan->data[input->number] = data;
    plan_bind_views(plan, input);
}

bool plan_output_of(const Plan *plan, Tensor output, size_t before, const real **values,
                    Failure *failure)
{
    const Device *device = plan->device;
    if (device->is_host) {
        *values = plan->data[output->number];
        return true;
    }
    *values = plan_feed_output(plan, output, before);
    return device->feed_wait(device, &plan->feed, before ? !plan->turn : plan->turn, failure);
}

const real *plan_output(const Plan *plan, Tensor output)
{
    const real *values;
    Failure ignored = { 0 };
    plan_output_of(plan, output, 0, &values, &ignored);
    return values;
}

bool plan_is_host(const Plan *plan)
{
    return plan->device->is_host;
}

bool plan_check(const Plan *plan, Failure *failure)
{
    return plan->device->check(plan->device, failure);
}

const real *plan_gradient(const Plan *plan, Tensor x)
{
    return plan->gradients[x->number];
}
