/*
 * What a plan holds; shared by the files that make it (plan.c), run it (plan_run.c) and bring it its
 * data on a device that is not the host (plan_feed.c).
 */
#ifndef PODIUM_TENSOR_PLAN_STATE_H
#define PODIUM_TENSOR_PLAN_STATE_H

#include "common/tensor/lifetime.h"
#include "common/tensor/node.h"
#include "common/tensor/plan.h"

#define PLAN_RECORDS 64 // runs of different sizes that are kept recorded

typedef struct PlanRows {
    size_t bound, count;
    size_t first, total; // of the part that the next run has
    uint32_t *slices;    // [slice_count + 1]: the first row of each; NULL: the graph is not sliced
    size_t slice_count;
    size_t launch;     // on a device that isn't the host: the most that a recorded run may have
    bool computed;     // an op computes rows of this axis: it pays to run with fewer
    bool stepped;      // an op steps through the rows of each parent row
    size_t longest;    // then: the most of one parent row that a recorded run may have
    uint32_t *offsets; // [bound of the parent + 1], or NULL
    size_t offsets_at; // in the feed's block
} PlanRows;

typedef struct Step {
    const Node *node;
    OpRun run;
    bool backward;         // its backward runs
    bool same_input_twice; // its gradients must be added up even by ops that overwrite
    bool of_parameters;    // run once for all parts
    size_t calls;
    double forward_seconds, backward_seconds;
} Step;

/* A run of some size, recorded or seen once. */
typedef struct PlanRecord {
    bool seen;
    int turn;
    bool begins, ends; // the part that it runs is the first, the last
    size_t *launch;    // [rows of the graph]
    size_t *longest;   // the same
    DeviceRecord *record;
} PlanRecord;

struct Plan {
    const GraphCore *core;
    const Device *device;
    bool training;
    const Lifetimes *lifetimes;
    PlanRows *rows;    // [rows of the graph]
    const void **data; // [nodes]: where each value lives
    real **gradients;  // [nodes]: where each gradient lives, NULL: not wanted
    real **apart;      // [nodes * OP_MOST_INPUTS]: see lifetime.h; NULL: none
    bool *touched;     // [nodes]: somebody has written to the gradient in this run
    bool *is_rounded;  // [nodes]: the rounded copy was made in this run
    Step *steps;       // [step_count], ops in the order of the graph
    size_t step_count;
    char *memory;
    size_t bytes; // of the arena; the workspace lies behind it
    size_t workspace_bytes;
    uint64_t seed, step;
    double loss;   // on the host
    double *total; // where the device puts the loss
    double *sums;  // [losses]: where it adds up each over the parts

    /* ---- on a device that isn't the host ---- */
    DeviceFeed feed;
    int turn;             // the block of the last run
    const void **bound;   // [nodes]: an input's data, on the host
    size_t *input_at;     // [nodes]: its place in the feed's block
    const Node **outputs; // [output_count]: what comes back to the host
    size_t *output_at;    // [output_count]: its place in what comes back
    size_t output_count;
    PlanRecord *records;    // [PLAN_RECORDS]
    size_t record_next;     // the one that is given up next
    uint64_t recorded_seed; // that the records draw by
    bool measures;          // waits after each op, and records nothing
};

/* Whether the part that was bound is the first, and the last, of its batch. */
bool plan_begins(const Plan *plan);
bool plan_ends(const Plan *plan);

/* The tensor that a node is in the next run. */
OpTensor plan_tensor(const Plan *plan, const Node *node);

/* Say in a step's run which tensors it has. */
void plan_bind_step(const Plan *plan, Step *step);

/* Views of what was just bound follow it. */
void plan_bind_views(Plan *plan, const Node *base);

/* ---- plan_feed.c: on a device that isn't the host ---- */

/* Lay out and open the feed. EX_OSERR: no memory. */
bool plan_feed_create(Plan *plan, const Tensor outputs[], size_t output_count, Arena *arena,
                      Failure *failure);
void plan_feed_destroy(Plan *plan);

/* Send what was bound to the device, with numbers for the update, and point the plan at it. */
void plan_feed_send(Plan *plan, const void *numbers, size_t bytes);

/* Where the device has the numbers. */
const void *plan_feed_numbers(const Plan *plan);

/* Where it has the counts and offsets of a tensor's rows (NULL: none), and those of a step. */
void plan_feed_rows(const Plan *plan, const PlanRows *rows, OpTensor *tensor);
void plan_feed_step(const Plan *plan, const Rows *groups, OpRun *run);

/* Run: repeat a record of a run of the same size, or call `enqueue`, from the second time recorded. */
void plan_feed_run(Plan *plan, const PlanRun *run, void (*enqueue)(Plan *plan, const PlanRun *run));

/* Ask for what is to come back from the run that was asked for, and end that run's turn. */
void plan_feed_return(Plan *plan);

/* Where an output of the last run, or of the one before, is on the host once that is over. */
const real *plan_feed_output(const Plan *plan, Tensor output, size_t before);

#endif
