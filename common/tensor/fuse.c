#include "common/tensor/fuse.h"

#include <string.h>

/* How often each node is read: by others, as an output, as a loss. */
static void count_readers(const GraphCore *core, const Tensor outputs[], size_t output_count,
                          size_t readers[])
{
    for (size_t i = 0; i < core->node_count; i++)
        for (size_t j = 0; j < core->nodes[i]->input_count; j++)
            if (core->nodes[i]->inputs[j])
                readers[core->nodes[i]->inputs[j]->number]++;
    for (size_t i = 0; i < output_count; i++)
        readers[outputs[i]->number]++;
    for (size_t i = 0; i < core->loss_count; i++)
        readers[core->losses[i].value->number]++;
}

/* What a node may absorb; NULL: nothing. */
static const Node *absorbed_by(const Node *node, const size_t readers[])
{
    const Op *op = node->op;
    if (node->kind != NODE_OP || !op->absorbs || op->absorbed >= node->input_count)
        return NULL;
    const Node *before = node->inputs[op->absorbed];
    bool fits = before && before->kind == NODE_OP && strcmp(before->op->name, op->absorbs) == 0
        && readers[before->number] == 1
        && node->input_count + before->input_count - 1 <= OP_MOST_INPUTS;
    return fits ? before : NULL;
}

/* The node with the inputs of what it absorbs. */
static Node *absorb(const Graph *g, const Node *node, const Node *before, Arena *arena,
                    Failure *failure)
{
    Node *fused;
    if (!arena_array(arena, fused, 1, failure))
        return NULL;
    *fused = *node;
    fused->inputs[node->op->absorbed] = before->inputs[0];
    for (size_t i = 1; i < before->input_count; i++)
        fused->inputs[fused->input_count++] = before->inputs[i];
    fused->kept_count = fused->scratch_count = 0;
    Graph own = *g;
    if (!fused->op->shape(&(OpShape){ &own, fused })) {
        fail(failure, EX_SOFTWARE, "%s: can't absorb %s", node->op->name, before->op->name);
        return NULL;
    }
    return fused;
}

const GraphCore *graph_fuse(const Graph *g, const Tensor outputs[], size_t output_count,
                            Arena *arena, Failure *failure)
{
    GraphCore *fused;
    size_t count = g->core->node_count, *readers;
    if (!arena_array(arena, fused, 1, failure))
        return NULL;
    *fused = *g->core;
    if (!arena_array(arena, fused->nodes, count, failure)
        || !arena_array(arena, readers, count, failure))
        return NULL;
    count_readers(g->core, outputs, output_count, readers);
    for (size_t i = 0; i < count; i++) {
        Node *node = g->core->nodes[i];
        const Node *before = absorbed_by(node, readers);
        fused->nodes[i] = before ? absorb(g, node, before, arena, failure) : node;
        if (!fused->nodes[i])
            return NULL;
    }
    return fused;
}
