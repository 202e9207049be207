#include "common/tensor/graph.h"
#include "common/tensor/node.h"
#include "common/tensor/ops.h"
#include "common/tensor/plan.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY 64

Graph *graph_create(Arena *arena, Failure *failure)
{
    Graph *g;
    GraphCore *core;
    if (!arena_array(arena, g, 1, failure) || !arena_array(arena, core, 1, failure)
        || !arena_array(arena, core->nothing, 1, failure))
        return NULL;
    core->arena = arena;
    core->nothing->name = "nothing";
    *g = (Graph){ core, "" };
    return g;
}

Graph *scope(Graph *g, const char *name)
{
    Graph *inner;
    GraphCore *core = g->core;
    if (!arena_array(core->arena, inner, 1, &core->failure))
        return g;
    const char *prefix = arena_format(core->arena, &core->failure, "%s%s/", g->prefix, name);
    *inner = (Graph){ core, prefix ? prefix : g->prefix };
    return inner;
}

bool graph_finish(const Graph *g, Failure *failure)
{
    const Failure *own = &g->core->failure;
    return own->code == EX_OK || fail(failure, own->code, "%s", own->message);
}

void graph_refuse(Graph *g, const char *format, ...)
{
    char reason[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    fail(&g->core->failure, EX_CONFIG, "%s%s", g->prefix, reason);
}

/* Room for one more element of a growing array in the arena; NULL with the graph's failure. */
static void *grow(GraphCore *core, void *array, size_t count, size_t *capacity, size_t size)
{
    if (count < *capacity)
        return array;
    size_t larger = *capacity ? 2 * *capacity : FIRST_CAPACITY;
    void *copy = arena_allocate(core->arena, larger, size, &core->failure);
    if (!copy)
        return NULL;
    if (count)
        memcpy(copy, array, count * size);
    *capacity = larger;
    return copy;
}

static const Rows *add_rows(Graph *g, Rows given)
{
    GraphCore *core = g->core;
    Rows *rows;
    const Rows **all = grow(core, core->rows, core->rows_count, &core->rows_capacity, sizeof *all);
    if (!all || !arena_array(core->arena, rows, 1, &core->failure))
        return NULL;
    core->rows = all;
    *rows = given;
    rows->number = core->rows_count;
    core->rows[core->rows_count++] = rows;
    return rows;
}

const Rows *graph_rows(Graph *g, const char *name, const Rows *parent)
{
    return add_rows(g, (Rows){ .name = name, .parent = parent });
}

const Rows *graph_stored_rows(Graph *g, const char *name, const Rows *listed, Tensor list)
{
    return add_rows(g, (Rows){ .name = name, .listed = listed, .list = list });
}

/* A new node with "prefix/name"; the graph's `nothing` after a failure. */
static Node *add_node(Graph *g, NodeKind kind, const char *name, Type type, Shape shape)
{
    GraphCore *core = g->core;
    Node *node, **all;
    if (core->failure.code != EX_OK)
        return core->nothing;
    all = grow(core, core->nodes, core->node_count, &core->node_capacity, sizeof *all);
    if (!all || !arena_array(core->arena, node, 1, &core->failure))
        return core->nothing;
    core->nodes = all;
    const char *full = arena_format(core->arena, &core->failure, "%s%s", g->prefix, name);
    if (!full)
        return core->nothing;
    *node = (Node){
        .kind = kind, .type = type, .shape = shape, .name = full, .number = core->node_count
    };
    core->nodes[core->node_count++] = node;
    return node;
}

/* Names of inputs, parameters and statistics are unique: data and checkpoints are found by them. */
static Node *add_named(Graph *g, NodeKind kind, const char *name, Type type, Shape shape)
{
    Node *node = add_node(g, kind, name, type, shape);
    for (size_t i = 0; node != g->core->nothing && i < node->number; i++) {
        const Node *other = g->core->nodes[i];
        if (other->kind != NODE_OP && other->kind != NODE_VIEW
            && strcmp(other->name, node->name) == 0) {
            graph_refuse(g, "%s: the name is taken", name);
            return g->core->nothing;
        }
    }
    return node;
}

Tensor input(Graph *g, const char *name, Type type, Shape shape)
{
    return add_named(g, NODE_INPUT, name, type, shape);
}

void graph_want_gradient(Graph *g, Tensor x)
{
    if (g->core->failure.code == EX_OK)
        g->core->nodes[x->number]->wants_gradient = true;
}

static Tensor add_parameter(Graph *g, NodeKind kind, const char *name, Shape shape,
                            Initializer initializer)
{
    Node *node = add_named(g, kind, name, TYPE_REAL, shape);
    node->initializer = initializer;
    node->parameter = g->core->parameter_count;
    g->core->parameter_count += node != g->core->nothing;
    return node;
}

Tensor parameter(Graph *g, const char *name, Shape shape, Initializer initializer)
{
    return add_parameter(g, NODE_PARAMETER, name, shape, initializer);
}

Tensor statistic(Graph *g, const char *name, Shape shape, Initializer initializer)
{
    return add_parameter(g, NODE_STATISTIC, name, shape, initializer);
}

void graph_loss(Graph *g, const char *name, Tensor loss, double weight)
{
    GraphCore *core = g->core;
    char text[96];
    if (core->failure.code != EX_OK)
        return;
    if (shape_elements(loss->shape) != 1) {
        graph_refuse(g, "%s: a loss has one value a row, not %s", name,
                     shape_text(loss->shape, text));
        return;
    }
    Loss *all = grow(core, core->losses, core->loss_count, &core->loss_capacity, sizeof *all);
    if (!all)
        return;
    core->losses = all;
    core->losses[core->loss_count++] = (Loss){ name, loss, weight };
}

void graph_penalty(Graph *g, Tensor x, double scale)
{
    if (g->core->failure.code == EX_OK)
        g->core->nodes[x->number]->penalty += scale;
}

bool graph_couples_samples(const Graph *g)
{
    for (size_t i = 0; i < g->core->node_count; i++)
        if (g->core->nodes[i]->kind == NODE_OP && g->core->nodes[i]->op->couples_samples)
            return true;
    return false;
}

void graph_slice(Graph *g, size_t samples)
{
    g->core->slice = samples;
}

size_t graph_slice_of(const Graph *g)
{
    return g->core->slice;
}

/* ---- applying ops ---- */

/* Rows of all inputs that have any must be one axis or its ancestor; ops check what they need. */
static bool infer_shape(Graph *g, Node *node)
{
    OpShape shape = { g, node };
    return node->op->shape(&shape);
}

/* Whether an op needs to know which rows belong together. */
static bool goes_by_group(const Op *op)
{
    for (size_t i = 0; i < OP_MOST_PHASES; i++)
        if (op->forward[i].split == OP_BY_GROUP)
            return true;
    return op->steps_through_groups;
}

/* The rows of x that its axis lists; found again where they were asked for before. */
static Tensor rows_listed_of(Graph *g, Tensor x)
{
    const GraphCore *core = g->core;
    for (size_t i = x->number + 1; i < core->node_count; i++)
        if (core->nodes[i]->op == &op_listed_rows && core->nodes[i]->inputs[0] == x)
            return core->nodes[i];
    return listed_rows(g, x, x->shape.rows->list);
}

/*
 * Inputs of stored rows, as an op wants them: as they are, if all that have rows are of one axis and the
 * op goes row by row; else each as the rows that are listed.
 */
static void list_inputs(Graph *g, const Op *op, Tensor inputs[], size_t count)
{
    const Rows *stored = NULL;
    bool lists = goes_by_group(op);
    for (size_t i = 0; i < count; i++)
        if (inputs[i] && inputs[i]->shape.rows && inputs[i]->shape.rows->listed)
            stored = inputs[i]->shape.rows;
    for (size_t i = 0; i < count; i++)
        lists |= inputs[i] && inputs[i]->shape.rows && inputs[i]->shape.rows != stored;
    for (size_t i = 0; stored && lists && op != &op_listed_rows && i < count; i++)
        if (inputs[i] && inputs[i]->shape.rows && inputs[i]->shape.rows->listed)
            inputs[i] = rows_listed_of(g, inputs[i]);
}

Tensor graph_apply_named(Graph *g, const char *name, const Op *op, const void *attributes,
                         size_t attribute_bytes, const Tensor given[], size_t count)
{
    GraphCore *core = g->core;
    Tensor inputs[OP_MOST_INPUTS];
    if (count > OP_MOST_INPUTS) {
        graph_refuse(g, "%s: %zu inputs; at most %d", op->name, count, OP_MOST_INPUTS);
        return core->nothing;
    }
    for (size_t i = 0; i < count; i++)
        if (given[i] == core->nothing)
            return core->nothing;
    if (count)
        memcpy(inputs, given, count * sizeof *inputs);
    list_inputs(g, op, inputs, count);
    Node *node = add_node(g, NODE_OP, name, TYPE_REAL, (Shape){ 0 });
    if (node == core->nothing)
        return node;
    node->op = op;
    node->input_count = count;
    if (count)
        memcpy(node->inputs, inputs, count * sizeof *inputs);
    char *copy = arena_allocate(core->arena, attribute_bytes + 1, 1, &core->failure);
    if (!copy)
        return core->nothing;
    if (attribute_bytes)
        memcpy(copy, attributes, attribute_bytes);
    node->attributes = copy;
    return infer_shape(g, node) ? node : core->nothing;
}

Tensor graph_apply(Graph *g, const Op *op, const void *attributes, size_t attribute_bytes,
                   const Tensor inputs[], size_t count)
{
    return graph_apply_named(g, op->name, op, attributes, attribute_bytes, inputs, count);
}

Tensor reshape(Graph *g, Tensor x, size_t rank, const size_t axes[])
{
    char text[96];
    Shape shape = { .rows = x->shape.rows, .rank = rank };
    if (x == g->core->nothing)
        return x;
    for (size_t i = 0; i < rank && i < SHAPE_MOST_AXES; i++)
        shape.axes[i] = axes[i];
    if (rank > SHAPE_MOST_AXES || shape_elements(shape) != shape_elements(x->shape)) {
        graph_refuse(g, "reshape: %s has no such view", shape_text(x->shape, text));
        return g->core->nothing;
    }
    Node *node = add_node(g, NODE_VIEW, "reshape", x->type, shape);
    node->inputs[0] = x;
    node->input_count = 1;
    return node;
}

Tensor flatten(Graph *g, Tensor x)
{
    return reshape(g, x, 1, (size_t[]){ shape_elements(x->shape) });
}

/* ---- shapes ---- */

Shape shape_of(Tensor x)
{
    return x->shape;
}

size_t width_of(Tensor x)
{
    return x->shape.rank ? x->shape.axes[x->shape.rank - 1] : 1;
}

const Rows *rows_of(Tensor x)
{
    return x->shape.rows;
}

Type type_of(Tensor x)
{
    return x->type;
}

Shape shape_vector(size_t width)
{
    return (Shape){ NULL, 1, { width } };
}

Shape shape_matrix(size_t height, size_t width)
{
    return (Shape){ NULL, 2, { height, width } };
}

Shape shape_rows(const Rows *rows, size_t width)
{
    return (Shape){ rows, 1, { width } };
}

size_t shape_elements(Shape shape)
{
    size_t elements = 1;
    for (size_t i = 0; i < shape.rank; i++)
        elements *= shape.axes[i];
    return elements;
}

bool shape_equal(Shape a, Shape b)
{
    if (a.rows != b.rows || a.rank != b.rank)
        return false;
    for (size_t i = 0; i < a.rank; i++)
        if (a.axes[i] != b.axes[i])
            return false;
    return true;
}

Shape shape_without_last(Shape shape)
{
    if (shape.rank)
        shape.axes[--shape.rank] = 0;
    return shape;
}

const char *shape_text(Shape shape, char text[96])
{
    size_t at = (size_t)snprintf(text, 96, "[%s", shape.rows ? shape.rows->name : "");
    for (size_t i = 0; i < shape.rank && at < 80; i++)
        at += (size_t)snprintf(text + at, 96 - at, "%s%zu", i || shape.rows ? ", " : "",
                               shape.axes[i]);
    snprintf(text + at, 96 - at, "]");
    return text;
}

/* ---- the shape rule's side of op.h ---- */

Shape op_input(const OpShape *op, size_t i)
{
    return op->node->inputs[i]->shape;
}

bool op_has_input(const OpShape *op, size_t i)
{
    return i < op->node->input_count && op->node->inputs[i];
}

Type op_type(const OpShape *op, size_t i)
{
    return op->node->inputs[i]->type;
}

size_t op_input_count(const OpShape *op)
{
    return op->node->input_count;
}

const void *op_attributes(const OpShape *op)
{
    return op->node->attributes;
}

bool op_output(OpShape *op, Shape shape)
{
    op->node->shape = shape;
    return true;
}

bool op_output_by_parent(OpShape *op)
{
    Shape x = op_input(op, 0);
    if (!x.rows || !x.rows->parent)
        return op_refuse(op, "the rows belong to nothing");
    x.rows = x.rows->parent;
    return op_output(op, x);
}

bool op_keep(OpShape *op, Shape shape)
{
    if (op->node->kept_count == OP_MOST_KEPT)
        return op_refuse(op, "keeps more than %d buffers", OP_MOST_KEPT);
    op->node->kept[op->node->kept_count++] = shape;
    return true;
}

bool op_scratch(OpShape *op, Shape shape)
{
    if (op->node->scratch_count == OP_MOST_KEPT)
        return op_refuse(op, "needs more than %d working spaces", OP_MOST_KEPT);
    op->node->scratch[op->node->scratch_count++] = shape;
    return true;
}

bool op_refuse(OpShape *op, const char *format, ...)
{
    char reason[256], shapes[384] = "", text[96];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(reason, sizeof reason, format, arguments);
    va_end(arguments);
    for (size_t i = 0, at = 0; i < op->node->input_count && at < sizeof shapes - 100; i++)
        if (op->node->inputs[i])
            at += (size_t)snprintf(shapes + at, sizeof shapes - at, "%s%s", at ? " and " : "",
                                   shape_text(op->node->inputs[i]->shape, text));
    graph_refuse(op->graph, "%s: %s: %s", op->node->op->name, shapes, reason);
    return false;
}

/* ---- parameters ---- */

size_t graph_parameter_count(const Graph *g)
{
    return g->core->parameter_count;
}

ParameterSlot graph_parameter(const Graph *g, size_t number)
{
    for (size_t i = 0; i < g->core->node_count; i++) {
        const Node *node = g->core->nodes[i];
        bool trained = node->kind == NODE_PARAMETER;
        if ((trained || node->kind == NODE_STATISTIC) && node->parameter == number)
            return (ParameterSlot){ node->name, node->shape, node->initializer, trained,
                                    node->penalty };
    }
    return (ParameterSlot){ 0 };
}
