/*
 * Parameters: where a graph's parameters, statistics and gradients live, on a device.
 *
 * Values are one block of the device's memory, gradients another; every slot begins on a cache
 * line. All plans of a graph share them (plan_bind_parameters).
 */
#ifndef PODIUM_LEARN_PARAMETERS_H
#define PODIUM_LEARN_PARAMETERS_H

#include "common/tensor/plan.h"

typedef struct Parameters {
    const Device *device;
    size_t count;        // parameters and statistics, in the order of graph_parameter
    ParameterSlot *slot; // [count]
    size_t *elements;    // [count]
    real **value;        // [count], on the device
    real **gradient; // [count], on the device; NULL for statistics, and where nothing is trained
    void *values, *gradients; // the blocks; NULL: none
    size_t value_bytes, gradient_bytes;
} Parameters;

/*
 * Take memory for all of a graph's parameters, zeroed. Give it back with parameters_destroy.
 *
 *   with_gradients  for training
 *   parameters      its tables live in the arena
 *   failure         EX_OSERR: the device's memory can't be had
 */
bool parameters_create(Parameters *parameters, const Graph *g, const Device *device,
                       bool with_gradients, Arena *arena, Failure *failure);

/* Does nothing on { 0 } and when done already. */
void parameters_destroy(Parameters *parameters);

/* Fill values and statistics as the graph says they begin: see initialise.h. */
bool parameters_initialise(Parameters *parameters, uint64_t seed, Arena scratch, Failure *failure);

/* Elements that are trained: what papers call the number of parameters. */
size_t parameters_trained(const Parameters *parameters);

/*
 * One zeroed block of the device's memory with a cache-aligned slot for each parameter, for what an
 * optimiser keeps. Released with device->release(device, *block, *bytes).
 *
 *   only_trained  no slots for statistics
 *   slots         [count], NULL where there is none
 */
bool parameters_block(const Parameters *parameters, bool only_trained, real *slots[], void **block,
                      size_t *bytes, Failure *failure);

#endif
