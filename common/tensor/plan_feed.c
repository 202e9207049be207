/*
 * How a plan's runs get their data on a device that isn't the host.
 *
 * All that a run brings anew lies in one block: the step's number, numbers for the update, counts of
 * rows, offsets, inputs. It is copied to where the device can read it at full speed and sent while
 * the run before still computes. What the device is asked for depends on sizes alone, which are
 * rounded up; so runs of one size are one record.
 */
#include "common/tensor/plan_state.h"
#include "common/base/parallel.h"

#include <assert.h>
#include <string.h>

#define BLOCK_ALIGNMENT ((size_t)256)
#define SIZES ((size_t)16) // of an axis that runs are recorded for: 1/16, 2/16, ... of its bound
#define COPY_PIECE ((size_t)1 << 20) // bytes that one thread copies at once

/* Of a row axis: valid rows, the first one's number in the whole batch, and rows of that. */
typedef struct BlockRows {
    uint32_t count, first, total;
} BlockRows;

/* What every block begins with; all row axes follow. */
typedef struct BlockHead {
    uint64_t step;
    char numbers[PLAN_MOST_NUMBERS];
    BlockRows one; // of what has no rows
    BlockRows rows[];
} BlockHead;

static size_t aligned(size_t bytes)
{
    return (bytes + BLOCK_ALIGNMENT - 1) & -BLOCK_ALIGNMENT;
}

static size_t element_bytes(Type type)
{
    return type == TYPE_BYTE ? sizeof(uint8_t)
        : type == TYPE_INDEX ? sizeof(uint32_t)
                             : sizeof(real);
}

static size_t row_bytes(const Node *input)
{
    return shape_elements(input->shape) * element_bytes(input->type);
}

/* Places in the block; its size. */
static size_t lay_out(Plan *plan)
{
    const GraphCore *core = plan->core;
    size_t at = aligned(sizeof(BlockHead) + core->rows_count * sizeof(BlockRows));
    for (size_t i = 0; i < core->rows_count; i++) {
        const Rows *parent = core->rows[i]->parent;
        plan->rows[i].offsets_at = at;
        at += parent ? aligned((plan->rows[parent->number].bound + 1) * sizeof(uint32_t)) : 0;
    }
    for (size_t i = 0; i < core->node_count; i++) {
        const Node *node = core->nodes[i];
        if (node->kind != NODE_INPUT)
            continue;
        plan->input_at[i] = at;
        at += aligned((node->shape.rows ? plan->rows[node->shape.rows->number].bound : 1)
                      * row_bytes(node));
    }
    return at;
}

/* Axes whose rows ops compute or step through; others (labels) only say where something belongs. */
static void find_computed(Plan *plan)
{
    for (size_t i = 0; i < plan->step_count; i++) {
        const Node *node = plan->steps[i].node;
        if (node->shape.rows)
            plan->rows[node->shape.rows->number].computed = true;
        if (node->op->steps_through_groups)
            plan->rows[node->inputs[0]->shape.rows->number].stepped = true;
    }
}

/* Places of what comes back; its size. */
static size_t lay_out_returned(Plan *plan, const Tensor outputs[])
{
    size_t at = 0;
    for (size_t i = 0; i < plan->output_count; i++) {
        const Rows *rows = outputs[i]->shape.rows;
        plan->outputs[i] = outputs[i];
        plan->output_at[i] = at;
        at += aligned((rows ? plan->rows[rows->number].bound : 1) * row_bytes(outputs[i]));
    }
    return at;
}

static bool make_records(Plan *plan, Arena *arena, Failure *failure)
{
    if (!arena_array(arena, plan->records, PLAN_RECORDS, failure))
        return false;
    for (size_t i = 0; i < PLAN_RECORDS; i++)
        if (!arena_array(arena, plan->records[i].launch, plan->core->rows_count, failure)
            || !arena_array(arena, plan->records[i].longest, plan->core->rows_count, failure))
            return false;
    return true;
}

bool plan_feed_create(Plan *plan, const Tensor outputs[], size_t output_count, Arena *arena,
                      Failure *failure)
{
    const Device *device = plan->device;
    size_t nodes = plan->core->node_count;
    if (!arena_array(arena, plan->bound, nodes, failure)
        || !arena_array(arena, plan->input_at, nodes, failure)
        || !arena_array(arena, plan->outputs, output_count, failure)
        || !arena_array(arena, plan->output_at, output_count, failure)
        || !make_records(plan, arena, failure))
        return false;
    find_computed(plan);
    plan->output_count = output_count;
    size_t bytes = lay_out(plan), returned = lay_out_returned(plan, outputs);
    return device->feed_open(device, &plan->feed, bytes, returned)
        || device_refuse(device, "two batches, there and on the host,", 2 * bytes,
                         plan->training ? "--micro-batch or --batch-size" : "--batch-size",
                         failure);
}

static void forget_records(Plan *plan)
{
    for (size_t i = 0; plan->records && i < PLAN_RECORDS; i++) {
        if (plan->records[i].record)
            plan->device->record_close(plan->device, plan->records[i].record);
        plan->records[i].record = NULL;
        plan->records[i].seen = false;
    }
}

void plan_feed_destroy(Plan *plan)
{
    forget_records(plan);
    if (plan->feed.state)
        plan->device->feed_close(plan->device, &plan->feed);
}

/* ---- sending ---- */

typedef struct Copy {
    char *to;
    const char *from;
} Copy;

static void copy_piece(void *context, size_t begin, size_t end)
{
    const Copy *copy = context;
    memcpy(copy->to + begin, copy->from + begin, end - begin);
}

static void fill_head(Plan *plan, char *block, const void *numbers, size_t bytes)
{
    const GraphCore *core = plan->core;
    BlockHead *head = (BlockHead *)block;
    head->step = plan->step;
    head->one = (BlockRows){ 1, 0, 1 };
    if (bytes)
        memcpy(head->numbers, numbers, bytes);
    for (size_t i = 0; i < core->rows_count; i++) {
        const PlanRows *rows = &plan->rows[i];
        const Rows *parent = core->rows[i]->parent;
        head->rows[i] =
            (BlockRows){ (uint32_t)rows->count, (uint32_t)rows->first, (uint32_t)rows->total };
        if (parent)
            memcpy(block + rows->offsets_at, rows->offsets,
                   (plan->rows[parent->number].count + 1) * sizeof *rows->offsets);
    }
}

/* The most rows of one parent row, rounded up by less than a sixteenth: how many steps a run is recorded for. */
static size_t longest_of(const PlanRows *rows, size_t parents)
{
    size_t longest = 0, share = 1;
    for (size_t i = 0; i < parents; i++)
        if (rows->offsets[i + 1] - rows->offsets[i] > longest)
            longest = rows->offsets[i + 1] - rows->offsets[i];
    while (2 * SIZES * share <= longest)
        share *= 2;
    return (longest + share - 1) / share * share;
}

/* The size that a run is recorded for: the least multiple of a share of the bound that holds it. */
static void choose_sizes(Plan *plan)
{
    for (size_t i = 0; i < plan->core->rows_count; i++) {
        PlanRows *rows = &plan->rows[i];
        size_t share = (rows->bound + SIZES - 1) / SIZES;
        size_t size = share ? (rows->count + share - 1) / share * share : 0;
        size = size < share ? share : size;
        rows->launch = rows->computed && size < rows->bound ? size : rows->bound;
        if (rows->stepped)
            rows->longest = longest_of(rows, plan->rows[plan->core->rows[i]->parent->number].count);
    }
}

static void send_inputs(Plan *plan)
{
    const Device *device = plan->device;
    for (size_t i = 0; i < plan->core->node_count; i++) {
        const Node *node = plan->core->nodes[i];
        if (node->kind != NODE_INPUT)
            continue;
        size_t rows = node->shape.rows ? plan->rows[node->shape.rows->number].count : 1;
        size_t bytes = rows * row_bytes(node);
        Copy copy = { plan->feed.host[plan->turn] + plan->input_at[i], plan->bound[i] };
        plan->data[i] = plan->feed.memory[plan->turn] + plan->input_at[i];
        plan_bind_views(plan, node);
        if (!copy.from || bytes == 0)
            continue;
        parallel_for(bytes, COPY_PIECE, copy_piece, &copy);
        device->feed_send(device, &plan->feed, plan->turn, plan->input_at[i], bytes);
    }
}

void plan_feed_send(Plan *plan, const void *numbers, size_t bytes)
{
    const Device *device = plan->device;
    size_t head = plan->feed.bytes;
    for (size_t i = 0; i < plan->core->node_count; i++)
        if (plan->core->nodes[i]->kind == NODE_INPUT && plan->input_at[i] < head)
            head = plan->input_at[i];
    plan->turn = !plan->turn;
    device->feed_begin(device, &plan->feed, plan->turn);
    fill_head(plan, plan->feed.host[plan->turn], numbers, bytes);
    device->feed_send(device, &plan->feed, plan->turn, 0, head);
    send_inputs(plan);
    device->feed_sent(device, &plan->feed, plan->turn);
    choose_sizes(plan);
}

/* ---- what ops are told ---- */

static const BlockHead *head_of(const Plan *plan)
{
    return (const BlockHead *)plan->feed.memory[plan->turn]; // on the device: only addresses of it
}

const void *plan_feed_numbers(const Plan *plan)
{
    return head_of(plan)->numbers;
}

void plan_feed_rows(const Plan *plan, const PlanRows *rows, OpTensor *tensor)
{
    tensor->rows = rows ? rows->launch : 1;
    if (!plan->feed.state) // sizes are asked for before there is memory
        return;
    const BlockRows *own = rows ? &head_of(plan)->rows[rows - plan->rows] : &head_of(plan)->one;
    tensor->count = &own->count;
    tensor->first_at = &own->first;
    tensor->total_at = &own->total;
    if (rows && rows->offsets)
        tensor->offsets = (const uint32_t *)(plan->feed.memory[plan->turn] + rows->offsets_at);
}

void plan_feed_step(const Plan *plan, const Rows *groups, OpRun *run)
{
    run->groups = groups ? plan->rows[groups->number].launch : 0;
    if (!plan->feed.state)
        return;
    const BlockRows *own = groups ? &head_of(plan)->rows[groups->number] : &head_of(plan)->one;
    run->group_count = &own->count;
    run->group_first_at = &own->first;
    run->step_at = &head_of(plan)->step;
}

/* ---- runs ---- */

static bool same_size(const Plan *plan, const PlanRecord *record)
{
    bool same = record->seen && record->turn == plan->turn && record->begins == plan_begins(plan)
        && record->ends == plan_ends(plan);
    for (size_t i = 0; same && i < plan->core->rows_count; i++)
        same = record->launch[i] == plan->rows[i].launch
            && record->longest[i] == plan->rows[i].longest;
    return same;
}

static PlanRecord *find_record(Plan *plan)
{
    for (size_t i = 0; i < PLAN_RECORDS; i++)
        if (same_size(plan, &plan->records[i]))
            return &plan->records[i];
    PlanRecord *record = &plan->records[plan->record_next];
    plan->record_next = (plan->record_next + 1) % PLAN_RECORDS;
    if (record->record)
        plan->device->record_close(plan->device, record->record);
    record->record = NULL;
    record->seen = false;
    record->turn = plan->turn;
    record->begins = plan_begins(plan);
    record->ends = plan_ends(plan);
    for (size_t i = 0; i < plan->core->rows_count; i++) {
        record->launch[i] = plan->rows[i].launch;
        record->longest[i] = plan->rows[i].longest;
    }
    return record;
}

void plan_feed_run(Plan *plan, const PlanRun *run, void (*enqueue)(Plan *plan, const PlanRun *run))
{
    const Device *device = plan->device;
    if (plan->recorded_seed != run->seed)
        forget_records(plan);
    plan->recorded_seed = run->seed;
    PlanRecord *record = find_record(plan);
    if (record->seen && !record->record && !plan->measures) {
        device->record_begin(device);
        enqueue(plan, run);
        record->record = device->record_end(device);
    }
    if (record->record)
        device->record_run(device, record->record);
    else
        enqueue(plan, run);
    record->seen = true;
    plan_feed_return(plan);
}

void plan_feed_return(Plan *plan)
{
    const Device *device = plan->device;
    for (size_t i = 0; i < plan->output_count; i++) {
        const Node *output = plan->outputs[i];
        const Rows *rows = output->shape.rows;
        size_t count = rows ? plan->rows[rows->number].count : 1;
        device->feed_return(device, &plan->feed, plan->turn, plan->output_at[i],
                            plan->data[output->number], count * row_bytes(output));
    }
    device->feed_used(device, &plan->feed, plan->turn);
}

const real *plan_feed_output(const Plan *plan, Tensor output, size_t before)
{
    size_t i = 0;
    while (i < plan->output_count && plan->outputs[i] != output)
        i++;
    assert(i < plan->output_count);
    const char *block = plan->feed.returned[before ? !plan->turn : plan->turn];
    return (const real *)(const void *)(block + plan->output_at[i]);
}
