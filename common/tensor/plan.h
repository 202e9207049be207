/*
 * Plan: where every value of a graph lives while it runs, for given upper bounds of its rows.
 *
 * Buffers get their place in one arena by lifetime, so two that are never needed at once share
 * memory. Nothing is allocated after the plan is made. One graph may have several plans (one for
 * each bucket of frame counts); they share its parameters.
 */
#ifndef PODIUM_TENSOR_PLAN_H
#define PODIUM_TENSOR_PLAN_H

#include "common/tensor/device.h"
#include "common/tensor/op.h"

typedef struct Plan Plan;

/* A parameter or statistic of a graph, with its storage: see common/learn/parameters.h. */
typedef struct ParameterSlot {
    const char *name;
    Shape shape;
    Initializer initializer;
    bool trained;
    double penalty; // scale of its L2 term, 0 for none
} ParameterSlot;

/* The parameters and statistics of a graph, in the order they were declared. */
size_t graph_parameter_count(const Graph *g);
ParameterSlot graph_parameter(const Graph *g, size_t i);

/*
 * Plan a graph.
 *
 *   bounds    [rows of the graph]: the most rows of each row axis
 *   outputs   tensors that are read after a run; their values outlast it
 *   training  plan for backward too (from all registered losses), with dropout on
 *   failure   EX_OSERR: the memory can't be had (says how much, and what makes it smaller)
 */
Plan *plan_create(const Graph *g, const Device *device, const size_t bounds[],
                  const Tensor outputs[], size_t output_count, bool training, Arena *arena,
                  Failure *failure);
void plan_destroy(Plan *plan);

/* Bytes of the planned arena, and what they would be if nothing shared memory. */
size_t plan_bytes(const Plan *plan);
size_t plan_bytes_unshared(const Plan *plan);

/*
 * Say where the parameters live: values[i] and, for training, gradients[i] (NULL for statistics),
 * in the order of graph_parameter. Borrowed until the plan is destroyed.
 */
void plan_bind_parameters(Plan *plan, real *const values[], real *const gradients[]);

/*
 * The number of valid rows of an axis in the next run, at most its bound, and, where it has a
 * parent, offsets [parent rows + 1] with offsets[0] = 0 and the last = count (copied).
 */
bool plan_bind_rows(Plan *plan, const Rows *rows, size_t count, const uint32_t *offsets,
                    Failure *failure);

/* Data of an input in the next run: its valid rows. Borrowed until the run is over. */
void plan_bind_input(Plan *plan, Tensor input, const void *data);

/*
 * Run forward. In training, `step` and `seed` decide what random ops draw, and the loss is
 * computed. The number of rows of a loss is its valid rows.
 */
void plan_forward(Plan *plan, uint64_t seed, uint64_t step);

/* The total loss of the last forward run in training, penalties included. */
double plan_loss(const Plan *plan);

/* Fill all parameters' gradients: of the loss and the penalties. After plan_forward in training. */
void plan_backward(Plan *plan);

/* An output's values after a run: [valid rows, ...]. */
const real *plan_output(const Plan *plan, Tensor output);

/* The gradient with respect to a tensor after plan_backward; for tests. NULL where there is none.
 */
const real *plan_gradient(const Plan *plan, Tensor x);

/* Print a table of ops: calls, seconds forward and backward, share. */
void plan_profile(const Plan *plan, FILE *to);

#endif
