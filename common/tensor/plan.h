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
 *   failure   EX_OSERR: the memory can't be had (says how much, how much is free where that is
 *             known, and what makes it smaller)
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
 * parent, offsets [parent rows + 1] with offsets[0] = 0 and the last = count (copied). Parents come
 * first.
 */
bool plan_bind_rows(Plan *plan, const Rows *rows, size_t count, const uint32_t *offsets,
                    Failure *failure);

/*
 * The same where the next run has a part of a batch: rows first .. first + count - 1 of `total`, of
 * each axis. A batch that doesn't fit into memory is run in parts, from the first to the last:
 *
 *   for each part: bind, plan_forward, plan_backward        (or plan_run)
 *
 * Gradients of parameters add up over the parts, and are whole when the last one has run; so is the
 * loss, when the last one has run forward. What depends on parameters alone is run once. If the
 * graph is sliced (graph_slice) and no op couples samples, all bits on the host are those of one
 * part; else statistics of the batch are those of each part, and sums are rounded otherwise.
 *
 *   offsets  may begin anywhere: [parent rows + 1] of those of the whole batch
 *   failure  EX_SOFTWARE: more rows than the bound; a part of a sliced graph that does not begin at
 *            a multiple of the slice
 */
typedef struct PlanPart {
    size_t first, count, total;
} PlanPart;
bool plan_bind_part(Plan *plan, const Rows *rows, PlanPart part, const uint32_t *offsets,
                    Failure *failure);

/* Data of an input in the next run: its valid rows. Borrowed until the run is over. */
void plan_bind_input(Plan *plan, Tensor input, const void *data);

/*
 * Run forward. In training, `step` and `seed` decide what random ops draw, and the loss is
 * computed. The number of rows of a loss is its valid rows.
 */
void plan_forward(Plan *plan, uint64_t seed, uint64_t step);

/* The total loss of the last forward run in training, penalties included; of all parts. */
double plan_loss(const Plan *plan);

/*
 * A whole run as one piece: on a device that isn't the host it is recorded and repeated, and goes on
 * after plan_run has returned; the data that were bound are not borrowed any longer then. On the host
 * only runs without training are asked for in this way.
 */
typedef struct PlanRun {
    uint64_t seed, step;
    bool train; // backward too, and then (behind the last part) update(context, numbers, result)
    void (*update)(void *context, const void *numbers, RunResult *result);
    void *context;
    const void *numbers;  // for update, which gets them in the device's memory
    size_t numbers_bytes; // at most PLAN_MOST_NUMBERS
} PlanRun;
#define PLAN_MOST_NUMBERS ((size_t)128)

void plan_run(Plan *plan, const PlanRun *run);

/*
 * Wait for what the last run said, or (`before` 1) the run before it; not on the host. Of a batch in
 * parts the last run says something; those before it say again what the batch before said.
 * EX_UNAVAILABLE: the device failed.
 */
bool plan_result(const Plan *plan, size_t before, RunResult *result, Failure *failure);

/*
 * Fill all parameters' gradients: of the loss and the penalties. After plan_forward in training, of
 * the same part.
 */
void plan_backward(Plan *plan);

/*
 * An output's values after the last run, or (`before` 1, not on the host) the run before it: [valid rows, ...],
 * on the host; waits for them. Valid until two more runs, on the host until the next one.
 * EX_UNAVAILABLE: the device failed.
 */
bool plan_output_of(const Plan *plan, Tensor output, size_t before, const real **values,
                    Failure *failure);

/* The same of the last run; if the device failed, values of no meaning: plan_check says so. */
const real *plan_output(const Plan *plan, Tensor output);

/* Whether runs are over when they return. */
bool plan_is_host(const Plan *plan);

/* Whether the device did what it was asked for, up to here. EX_UNAVAILABLE: it failed; says how. */
bool plan_check(const Plan *plan, Failure *failure);

/*
 * The gradient with respect to a tensor after plan_backward, in the device's memory; for tests. NULL
 * where there is none.
 */
const real *plan_gradient(const Plan *plan, Tensor x);

#endif
