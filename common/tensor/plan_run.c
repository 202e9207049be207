#include "common/tensor/plan_state.h"
#include "common/base/progress.h"

#include <math.h>
#include <string.h>

/* The rounded copies of inputs that the op multiplies. */
static void bind_copies(const Plan *plan, Step *step)
{
    for (size_t i = 0; i < step->run.input_count; i++) {
        const Node *x = step->node->inputs[i];
        const Buffer *copy = x ? &plan->lifetimes->rounded[x->number] : NULL;
        if (!copy || !copy->used || !(step->node->op->multiplies & OP_SAVES_INPUT(i)))
            continue;
        step->run.input[i].rounded = (uint16_t *)(plan->memory + copy->offset);
        step->run.input[i].is_rounded = plan->is_rounded[x->number];
    }
}

/* Whoever multiplied an input has made its copy. */
static void note_copies(Plan *plan, const Step *step)
{
    for (size_t i = 0; i < step->run.input_count; i++)
        if (step->run.input[i].rounded)
            plan->is_rounded[step->node->inputs[i]->number] = true;
}

/* Copies are made in each run; of what depends on parameters alone, in that of the first part. */
static void forget_copies(Plan *plan, bool begins)
{
    const GraphCore *core = plan->core;
    memset(plan->is_rounded, 0, core->node_count * sizeof *plan->is_rounded);
    for (size_t i = 0; !begins && i < core->node_count; i++)
        plan->is_rounded[i] = plan->lifetimes->rounded[i].used && !core->nodes[i]->shape.rows;
}

void plan_bind_step(const Plan *plan, Step *step)
{
    OpRun *run = &step->run;
    const Rows *rows = NULL;
    real *const *apart = plan->apart + step->node->number * OP_MOST_INPUTS;
    for (size_t i = 0; i < run->input_count; i++) {
        if (step->node->inputs[i])
            run->input[i] = plan_tensor(plan, step->node->inputs[i]);
        if (apart[i])
            run->input[i].gradient = apart[i];
    }
    bind_copies(plan, step);
    run->output = plan_tensor(plan, step->node);
    if (step->node->input_count && step->node->inputs[0])
        rows = step->node->inputs[0]->shape.rows;
    run->groups = rows && rows->parent ? plan->rows[rows->parent->number].count : 0;
    run->group_first = rows && rows->parent ? plan->rows[rows->parent->number].first : 0;
    run->longest = rows ? plan->rows[rows->number].longest : 0;
    if (!plan->device->is_host)
        plan_feed_step(plan, rows ? rows->parent : NULL, run);
}

static void place_scratch(const Plan *plan, Step *step, const Buffer *buffers)
{
    for (size_t i = 0; i < step->node->scratch_count; i++)
        step->run.scratch[i] =
            (real *)(plan->memory + buffers[step->node->number * OP_MOST_KEPT + i].offset);
}

/* Add what this part has of the losses; one that has no rows is whole at once. */
static void enqueue_losses(Plan *plan)
{
    const GraphCore *core = plan->core;
    const Device *device = plan->device;
    if (plan_begins(plan))
        device->clear(device, plan->sums, core->loss_count * sizeof *plan->sums);
    for (size_t i = 0; i < core->loss_count; i++) {
        OpTensor value = plan_tensor(plan, core->losses[i].value);
        if (value.shape.rows || plan_begins(plan))
            device->add_sum(device, &plan->sums[i], &value);
    }
}

/* The total loss: what is registered, then the penalties. */
static void enqueue_total(Plan *plan)
{
    const GraphCore *core = plan->core;
    const Device *device = plan->device;
    device->clear(device, plan->total, sizeof *plan->total);
    for (size_t i = 0; i < core->loss_count; i++) {
        OpTensor value = plan_tensor(plan, core->losses[i].value);
        device->add_mean(device, plan->total, &plan->sums[i], &value, core->losses[i].weight);
    }
    for (size_t i = 0; i < core->node_count; i++) {
        const Node *node = core->nodes[i];
        if (node->penalty != 0)
            device->add_squares(device, plan->total, plan->data[i], shape_elements(node->shape),
                                0.5 * node->penalty);
    }
}

/* What an op took: on a device that works later, it is waited for where that is asked for. */
static double measure(const Plan *plan, double begun)
{
    Failure ignored = { 0 };
    if (plan->measures)
        plan->device->check(plan->device, &ignored);
    return progress_clock() - begun;
}

static void enqueue_forward(Plan *plan)
{
    bool begins = plan_begins(plan);
    forget_copies(plan, begins);
    for (size_t i = 0; i < plan->step_count; i++) {
        Step *step = &plan->steps[i];
        double begun = progress_clock();
        if (step->of_parameters && !begins)
            continue;
        plan_bind_step(plan, step);
        place_scratch(plan, step, plan->lifetimes->scratch_forward);
        step->run.key = philox_key(plan->seed, step->node->name);
        step->run.step = plan->step;
        plan->device->forward(plan->device, &step->run);
        note_copies(plan, step);
        step->calls++;
        step->forward_seconds += measure(plan, begun);
    }
    if (plan->training)
        enqueue_losses(plan);
    if (plan->training && plan_ends(plan))
        enqueue_total(plan);
}

static void clear_gradient(Plan *plan, const Node *base)
{
    OpTensor x = plan_tensor(plan, base);
    plan->device->clear(plan->device, x.gradient, x.rows * x.width * sizeof *x.gradient);
    plan->touched[base->number] = true;
}

/* The gradients of the losses' own values: their weight, shared among their rows. */
static void seed_losses(Plan *plan, bool of_parameters)
{
    for (size_t i = 0; i < plan->core->loss_count; i++) {
        const Loss *loss = &plan->core->losses[i];
        const Node *base = plan->lifetimes->base[loss->value->number];
        OpTensor value = plan_tensor(plan, base);
        if (!value.gradient || of_parameters != !value.shape.rows)
            continue;
        if (!plan->touched[base->number])
            clear_gradient(plan, base);
        plan->device->add_share(plan->device, &value, loss->weight);
    }
}

/* The same for a gradient that this op alone gives to. */
static void open_apart(const Plan *plan, OpRun *run, size_t i, bool overwrites)
{
    const OpTensor *x = &run->input[i];
    run->accumulate[i] = !plan_begins(plan);
    if (!run->accumulate[i] && !overwrites)
        plan->device->clear(plan->device, x->gradient, x->width * sizeof *x->gradient);
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
        bool heeds = plan->device->overwrites || node->op->overwrites >> i & 1;
        bool overwrites = heeds && !step->same_input_twice;
        if (plan->apart[node->number * OP_MOST_INPUTS + i]) {
            open_apart(plan, run, i, overwrites);
            continue;
        }
        if (!plan->touched[base->number] && !overwrites)
            clear_gradient(plan, base);
        run->accumulate[i] = plan->touched[base->number];
        plan->touched[base->number] = true;
    }
}

static void add_penalty(Plan *plan, const Node *node)
{
    plan->device->add_scaled(plan->device, plan->gradients[node->number], plan->data[node->number],
                             (real)node->penalty, shape_elements(node->shape));
}

/*
 * Nothing was given yet, but by the parts before to what has no rows. Those may have been repeated
 * from a record: what they gave is known by the graph alone.
 */
static void forget_touched(Plan *plan)
{
    memset(plan->touched, 0, plan->core->node_count * sizeof *plan->touched);
    for (size_t i = 0; !plan_begins(plan) && i < plan->step_count; i++) {
        const Node *node = plan->steps[i].node;
        for (size_t j = 0; j < node->input_count; j++)
            if (plan->steps[i].backward && !plan->steps[i].of_parameters && node->inputs[j]
                && !node->inputs[j]->shape.rows)
                plan->touched[plan->lifetimes->base[node->inputs[j]->number]->number] = true;
    }
}

static void enqueue_steps_backward(Plan *plan, bool of_parameters)
{
    for (size_t i = plan->step_count; i-- > 0;) {
        Step *step = &plan->steps[i];
        if (!step->backward || step->of_parameters != of_parameters)
            continue;
        double begun = progress_clock();
        const Node *own = plan->lifetimes->base[step->node->number];
        plan_bind_step(plan, step);
        place_scratch(plan, step, plan->lifetimes->scratch_backward);
        if (!plan->touched[own->number])
            clear_gradient(plan, own);
        open_gradients(plan, step);
        plan->device->backward(plan->device, &step->run);
        step->backward_seconds += measure(plan, begun);
    }
}

/* What several ops gave to one gradient, each over all parts, put together. */
static void gather_apart(Plan *plan)
{
    for (size_t i = plan->step_count; i-- > 0;) {
        const Node *node = plan->steps[i].node;
        for (size_t j = 0; j < node->input_count; j++) {
            const real *apart = plan->apart[node->number * OP_MOST_INPUTS + j];
            if (apart)
                plan->device->add_scaled(plan->device, plan->gradients[node->inputs[j]->number],
                                         apart, 1, shape_elements(node->inputs[j]->shape));
        }
    }
}

/* When the last part has given: what depends on parameters alone, and what no op gives to. */
static void enqueue_parameters(Plan *plan)
{
    const GraphCore *core = plan->core;
    gather_apart(plan);
    seed_losses(plan, true);
    enqueue_steps_backward(plan, true);
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

static void enqueue_backward(Plan *plan)
{
    forget_touched(plan);
    seed_losses(plan, false);
    enqueue_steps_backward(plan, false);
    if (plan_ends(plan))
        enqueue_parameters(plan);
}

/* ---- runs ---- */

void plan_forward(Plan *plan, uint64_t seed, uint64_t step)
{
    plan->seed = seed;
    plan->step = step;
    if (plan->device->is_host) {
        enqueue_forward(plan);
        return;
    }
    plan_feed_send(plan, NULL, 0);
    enqueue_forward(plan);
    plan_feed_return(plan);
}

void plan_backward(Plan *plan)
{
    enqueue_backward(plan);
    if (!plan->device->is_host)
        plan->device->feed_used(plan->device, &plan->feed, plan->turn);
}

static void enqueue_all(Plan *plan, const PlanRun *run)
{
    enqueue_forward(plan);
    if (!run->train)
        return;
    enqueue_backward(plan);
    if (plan_ends(plan))
        run->update(run->context, plan_feed_numbers(plan), plan->feed.result);
}

void plan_run(Plan *plan, const PlanRun *run)
{
    if (plan->device->is_host && !run->train) {
        plan_forward(plan, run->seed, run->step);
        return;
    }
    plan->seed = run->seed;
    plan->step = run->step;
    plan_feed_send(plan, run->numbers, run->numbers_bytes);
    plan_feed_run(plan, run, enqueue_all);
}

double plan_loss(const Plan *plan)
{
    RunResult result = { .loss = NAN };
    Failure ignored = { 0 };
    if (plan->device->is_host)
        return plan->loss;
    plan_result(plan, 0, &result, &ignored);
    return result.loss;
}

bool plan_result(const Plan *plan, size_t before, RunResult *result, Failure *failure)
{
    int turn = before ? !plan->turn : plan->turn;
    if (!plan->device->feed_wait(plan->device, &plan->feed, turn, failure))
        return false;
    *result = *plan->feed.result_host[turn];
    return true;
}
