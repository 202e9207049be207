#include "common/tensor/lifetime.h"

#include <stdlib.h>
#include <string.h>

#define BUFFER_ALIGNMENT ((size_t)64) // a cache line, a vector

typedef struct Work {
    const GraphCore *core;
    const size_t *bounds;
    bool training, rounds;
    Lifetimes *l;
    bool *needed;   // [nodes]: an output or a loss depends on it
    bool *lossy;    // [nodes]: a loss depends on it
    bool *requires; // [nodes]: a gradient is wanted for it or for something it depends on
    bool *given;    // [nodes]: an op with rows gives to its gradient
} Work;

/* Views, and ops that do nothing outside training, have their input's memory. */
static void find_bases(Work *work)
{
    for (size_t i = 0; i < work->core->node_count; i++) {
        const Node *node = work->core->nodes[i];
        bool idle = node->kind == NODE_OP && node->op->only_in_training && !work->training;
        work->l->base[i] =
            node->kind == NODE_VIEW || idle ? work->l->base[node->inputs[0]->number] : node;
    }
}

/* By its number: a node may stand for another one (fuse.h). */
static void mark(const GraphCore *core, size_t number, bool *marked)
{
    const Node *node = core->nodes[number];
    if (marked[number])
        return;
    marked[number] = true;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i])
            mark(core, node->inputs[i]->number, marked);
}

static void find_needed(Work *work, const Tensor outputs[], size_t output_count)
{
    for (size_t i = 0; i < output_count; i++)
        mark(work->core, outputs[i]->number, work->needed);
    for (size_t i = 0; work->training && i < work->core->loss_count; i++) {
        mark(work->core, work->core->losses[i].value->number, work->needed);
        mark(work->core, work->core->losses[i].value->number, work->lossy);
    }
}

static bool requires_gradient(const Work *work, const Node *node)
{
    if (node->kind == NODE_PARAMETER || (node->kind == NODE_INPUT && node->wants_gradient))
        return true;
    if (node->kind == NODE_OP && node->op->backward[0].split == OP_END)
        return false;
    for (size_t i = 0; i < node->input_count; i++)
        if (node->inputs[i] && work->requires[node->inputs[i]->number])
            return true;
    return false;
}

static void find_directions(Work *work)
{
    for (size_t i = 0; i < work->core->node_count; i++) {
        const Node *node = work->core->nodes[i];
        bool is_op = node->kind == NODE_OP && work->l->base[i] == node;
        work->requires[i] = requires_gradient(work, node);
        work->l->runs_forward[i] = is_op && work->needed[i];
        work->l->runs_backward[i] = is_op && work->training && work->lossy[i] && work->requires[i];
    }
}

static size_t rows_bound(const Work *work, Shape shape)
{
    return shape.rows ? work->bounds[shape.rows->number] : 1;
}

static void open_bytes(Buffer *buffer, size_t bytes, size_t first, size_t last)
{
    *buffer = (Buffer){ true, first, last, (bytes + BUFFER_ALIGNMENT - 1) & -BUFFER_ALIGNMENT, 0 };
}

static void open_buffer(const Work *work, Buffer *buffer, Shape shape, size_t first, size_t last)
{
    open_bytes(buffer, rows_bound(work, shape) * shape_elements(shape) * sizeof(real), first, last);
}

static void extend(Buffer *buffer, size_t time)
{
    if (!buffer->used)
        return;
    buffer->first = time < buffer->first ? time : buffer->first;
    buffer->last = time > buffer->last ? time : buffer->last;
}

static size_t end_of(const Work *work)
{
    return 3 * work->core->node_count;
}

/* Whether products read a rounded copy of an input. Parameters' copies are held by the device. */
static bool has_copy(const Work *work, const Node *node, size_t i)
{
    const Node *x = node->inputs[i];
    return work->rounds && node->op->multiplies & OP_SAVES_INPUT(i)
        && (x->kind != NODE_PARAMETER || x->shape.rank < 2);
}

/* The first op that multiplies a value makes the copy, which then lasts until the last. */
static void open_copy(Work *work, const Node *x, size_t forward, size_t last)
{
    Buffer *copy = &work->l->rounded[x->number];
    size_t width = x->shape.rank ? x->shape.axes[x->shape.rank - 1] : 1;
    size_t rows = width ? rows_bound(work, x->shape) * (shape_elements(x->shape) / width) : 0;
    if (!copy->used)
        open_bytes(copy, rows * op_rounded_stride(width) * sizeof(uint16_t), forward, last);
    extend(copy, last);
    if (!x->shape.rows && work->training) { // it serves all parts
        extend(copy, 0);
        extend(copy, end_of(work));
    }
}

/* What an op of parameters alone made forward, and what was gathered for it, outlasts all parts. */
static void keep_throughout(Work *work, const Node *node)
{
    Lifetimes *l = work->l;
    Buffer *buffers[2 + OP_MOST_KEPT] = { &l->value[node->number], &l->gradient[node->number] };
    for (size_t i = 0; i < node->kept_count; i++)
        buffers[2 + i] = &l->kept[node->number * OP_MOST_KEPT + i];
    for (size_t i = 0; i < 2 + node->kept_count; i++) {
        extend(buffers[i], 0);
        extend(buffers[i], end_of(work));
    }
}

/* Give an op with rows buffers of its own for what others give to, too. */
static void open_apart(Work *work, const Node *node)
{
    Lifetimes *l = work->l;
    for (size_t i = 0; i < node->input_count; i++) {
        size_t base = node->inputs[i] ? l->base[node->inputs[i]->number]->number : 0;
        if (!node->inputs[i] || node->inputs[i]->shape.rows || !work->requires[base])
            continue;
        if (work->given[base])
            open_buffer(work, &l->apart[node->number * OP_MOST_INPUTS + i], node->inputs[i]->shape,
                        0, end_of(work));
        work->given[base] = true;
    }
}

/* What one op needs: its output, its own buffers, and its inputs for as long as it reads them. */
static void open_op(Work *work, const Node *node)
{
    Lifetimes *l = work->l;
    bool of_parameters = node_is_of_parameters(node);
    size_t forward = node->number;
    size_t backward = (of_parameters ? 3 : 2) * work->core->node_count - 1 - forward;
    bool back = l->runs_backward[forward];
    open_buffer(work, &l->value[forward], node->shape, forward,
                back && node->op->saves & OP_SAVES_OUTPUT ? backward : forward);
    if (back)
        open_buffer(work, &l->gradient[forward], node->shape, backward, backward);
    for (size_t i = 0; i < node->kept_count; i++)
        open_buffer(work, &l->kept[forward * OP_MOST_KEPT + i], node->kept[i], forward,
                    back ? backward : forward);
    for (size_t i = 0; i < node->scratch_count; i++) {
        size_t at = forward * OP_MOST_KEPT + i;
        open_buffer(work, &l->scratch_forward[at], node->scratch[i], forward, forward);
        if (back)
            open_buffer(work, &l->scratch_backward[at], node->scratch[i], backward, backward);
    }
    for (size_t i = 0; i < node->input_count; i++) {
        if (!node->inputs[i])
            continue;
        size_t base = l->base[node->inputs[i]->number]->number;
        bool copied = has_copy(work, node, i);
        bool saved = back && node->op->saves & OP_SAVES_INPUT(i);
        extend(&l->value[base], saved && !copied ? backward : forward);
        if (copied)
            open_copy(work, node->inputs[i], forward, saved ? backward : forward);
        if (back)
            extend(&l->gradient[base], backward);
    }
    if (of_parameters && work->training)
        keep_throughout(work, node);
}

/* Gradients of inputs that were asked for are read after the run. */
static void open_input(Work *work, const Node *node)
{
    if (work->training && node->wants_gradient && work->lossy[node->number])
        open_buffer(work, &work->l->gradient[node->number], node->shape, 0, end_of(work));
}

static void keep_to_the_end(Work *work, Tensor x)
{
    extend(&work->l->value[work->l->base[x->number]->number], end_of(work));
}

static void find_times(Work *work, const Tensor outputs[], size_t output_count)
{
    const GraphCore *core = work->core;
    for (size_t i = 0; i < core->node_count; i++) {
        if (work->l->runs_forward[i])
            open_op(work, core->nodes[i]);
        else if (core->nodes[i]->kind == NODE_INPUT)
            open_input(work, core->nodes[i]);
    }
    for (size_t i = core->node_count; i-- > 0;) // the last one is the first that gives
        if (core->slice && work->l->runs_backward[i] && !node_is_of_parameters(core->nodes[i]))
            open_apart(work, core->nodes[i]);
    for (size_t i = 0; i < output_count; i++)
        keep_to_the_end(work, outputs[i]);
    for (size_t i = 0; work->training && i < core->loss_count; i++) {
        keep_to_the_end(work, core->losses[i].value);
        extend(&work->l->gradient[work->l->base[core->losses[i].value->number]->number],
               core->node_count); // seeded when backward begins
    }
}

static int by_size(const void *a, const void *b)
{
    const Buffer *x = *(Buffer *const *)a, *y = *(Buffer *const *)b;
    if (x->bytes != y->bytes)
        return x->bytes < y->bytes ? 1 : -1;
    return x->first != y->first ? (x->first > y->first) - (x->first < y->first)
                                : (x > y) - (x < y); // one array: its order is the graph's
}

static int by_offset(const void *a, const void *b)
{
    const Buffer *x = *(Buffer *const *)a, *y = *(Buffer *const *)b;
    return (x->offset > y->offset) - (x->offset < y->offset);
}

/* The lowest offset at which the buffer meets no placed one that lives at the same time. */
static void place(Buffer *buffer, Buffer **placed, size_t count, Buffer **meets)
{
    size_t meet_count = 0, offset = 0;
    for (size_t i = 0; i < count; i++)
        if (placed[i]->first <= buffer->last && buffer->first <= placed[i]->last)
            meets[meet_count++] = placed[i];
    qsort(meets, meet_count, sizeof *meets, by_offset);
    for (size_t i = 0; i < meet_count; i++) {
        if (offset + buffer->bytes <= meets[i]->offset)
            break;
        size_t after = meets[i]->offset + meets[i]->bytes;
        offset = after > offset ? after : offset;
    }
    buffer->offset = offset;
}

/* The largest first: they are the hardest to fit. */
static bool place_all(Lifetimes *l, Buffer *all, size_t count, Arena scratch, Failure *failure)
{
    Buffer **order, **meets;
    size_t used = 0;
    if (!arena_array(&scratch, order, count, failure)
        || !arena_array(&scratch, meets, count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        if (all[i].used)
            order[used++] = &all[i];
    qsort(order, used, sizeof *order, by_size);
    for (size_t i = 0; i < used; i++) {
        place(order[i], order, i, meets);
        size_t end = order[i]->offset + order[i]->bytes;
        l->bytes = end > l->bytes ? end : l->bytes;
        l->bytes_unshared += order[i]->bytes;
    }
    return true;
}

const Lifetimes *lifetimes_create(const GraphCore *core, const size_t bounds[],
                                  const Tensor outputs[], size_t output_count, bool training,
                                  bool rounds, Arena *arena, Failure *failure)
{
    Lifetimes *l;
    Buffer *all;
    size_t n = core->node_count, count = n * (3 + 3 * OP_MOST_KEPT + OP_MOST_INPUTS);
    Work work = { .core = core, .bounds = bounds, .training = training, .rounds = rounds };
    if (!arena_array(arena, l, 1, failure) || !arena_array(arena, l->base, n, failure)
        || !arena_array(arena, l->runs_forward, n, failure)
        || !arena_array(arena, l->runs_backward, n, failure)
        || !arena_array(arena, all, count, failure))
        return NULL;
    l->value = all;
    l->gradient = all + n;
    l->rounded = all + 2 * n;
    l->kept = all + 3 * n;
    l->scratch_forward = l->kept + n * OP_MOST_KEPT;
    l->scratch_backward = l->scratch_forward + n * OP_MOST_KEPT;
    l->apart = l->scratch_backward + n * OP_MOST_KEPT;
    Arena scratch = *arena;
    if (!arena_array(&scratch, work.needed, n, failure)
        || !arena_array(&scratch, work.lossy, n, failure)
        || !arena_array(&scratch, work.requires, n, failure)
        || !arena_array(&scratch, work.given, n, failure))
        return NULL;
    work.l = l;
    find_bases(&work);
    find_needed(&work, outputs, output_count);
    find_directions(&work);
    find_times(&work, outputs, output_count);
    return place_all(l, all, count, scratch, failure) ? l : NULL;
}
