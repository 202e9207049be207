/*
 * Lifetimes: when each value, gradient and buffer of a graph is needed, and where it is placed, so
 * that two that are never needed at once share memory.
 *
 * The clock: op i of n runs forward at time i and backward at time 2n - 1 - i; an op of parameters
 * alone at time 3n - 1 - i, behind all others. A batch in parts runs times 0 .. 2n - 1 once a part, so
 * what ops of parameters make and gather is needed all the time.
 */
#ifndef PODIUM_TENSOR_LIFETIME_H
#define PODIUM_TENSOR_LIFETIME_H

#include "common/tensor/node.h"

typedef struct Buffer {
    bool used;
    size_t first, last; // the clock's times, inclusive
    size_t bytes, offset;
} Buffer;

typedef struct Lifetimes {
    const Node **base;  // [nodes]: whose memory a node's value is: its own, or what it is a view of
    bool *runs_forward; // [nodes]: an op that an output or a loss needs
    bool *runs_backward; // [nodes]: an op through which a wanted gradient passes
    Buffer *value;       // [nodes]
    Buffer *gradient;    // [nodes]
    Buffer *rounded;     // [nodes]: the copy that products read, where the device rounds factors
    /*
     * [nodes * OP_MOST_INPUTS], of sliced graphs: what an op with rows gives to input i without
     * rows, where another one gives to the same. Each is added up by itself over the parts, so that
     * the order of the sum is that of one part; then they are added.
     */
    Buffer *apart;
    Buffer *kept;                               // [nodes * OP_MOST_KEPT]
    Buffer *scratch_forward, *scratch_backward; // [nodes * OP_MOST_KEPT]
    size_t bytes;                               // of the arena that holds all buffers
    size_t bytes_unshared;                      // if none shared memory
} Lifetimes;

/*
 * Compute and place. Parameters, statistics and inputs live elsewhere and have no buffers.
 *
 *   rounds  Device.rounds: values that products read have a rounded copy, and where backward reads a
 *           value for products alone, the copy is what is kept for it
 */
const Lifetimes *lifetimes_create(const GraphCore *core, const size_t bounds[],
                                  const Tensor outputs[], size_t output_count, bool training,
                                  bool rounds, Arena *arena, Failure *failure);

#endif
