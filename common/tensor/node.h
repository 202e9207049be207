/*
 * Node: what a graph is made of; shared by the graph's builder and the planner, hidden from models.
 */
#ifndef PODIUM_TENSOR_NODE_H
#define PODIUM_TENSOR_NODE_H

#include "common/tensor/op.h"

#include <stdint.h>

typedef enum NodeKind { NODE_OP, NODE_INPUT, NODE_PARAMETER, NODE_STATISTIC, NODE_VIEW } NodeKind;

typedef struct Node {
    NodeKind kind;
    Type type;
    Shape shape;
    const char *name; // unique for inputs, parameters and random ops; else the scope's
    size_t number;    // in the graph: inputs come before the ops that read them
    const Op *op;
    const void *attributes;
    size_t input_count;
    const struct Node *inputs[OP_MOST_INPUTS]; // a view has its base as input 0
    Shape kept[OP_MOST_KEPT], scratch[OP_MOST_KEPT];
    size_t kept_count, scratch_count;
    Initializer initializer; // of parameters and statistics
    size_t parameter;        // number among parameters and statistics
    double penalty;
    bool wants_gradient; // an input whose gradient is asked for
} Node;

typedef struct Loss {
    const char *name;
    const Node *value; // [rows] or [1]
    double weight;
} Loss;

/* What all scopes of one graph share. */
typedef struct GraphCore {
    Arena *arena;
    Failure failure;
    Node **nodes;
    size_t node_count, node_capacity;
    const Rows **rows;
    size_t rows_count, rows_capacity;
    Loss *losses;
    size_t loss_count, loss_capacity;
    size_t parameter_count;
    size_t slice;  // samples; 0: none
    Node *nothing; // what building returns after a failure
} GraphCore;

struct Graph {
    GraphCore *core;
    const char *prefix; // "" or "video/"
};

struct OpShape {
    Graph *graph;
    Node *node;
};

/* An op that depends on parameters alone: it is run once for all parts of a batch. */
static inline bool node_is_of_parameters(const Node *node)
{
    bool rows = node->shape.rows != NULL;
    for (size_t i = 0; i < node->input_count; i++)
        rows = rows || (node->inputs[i] && node->inputs[i]->shape.rows);
    return node->kind == NODE_OP && !rows;
}

#endif
