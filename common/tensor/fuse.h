/*
 * Fuse: a graph as a device runs it whose ops absorb others (Op.absorbs). What lies between two ops
 * that become one is never in memory.
 */
#ifndef PODIUM_TENSOR_FUSE_H
#define PODIUM_TENSOR_FUSE_H

#include "common/tensor/node.h"

/*
 * The graph, where every op that may has absorbed what makes an input for it alone. Such a node has the
 * number, the name and the shape of the one that it stands for; readers know it by its number.
 *
 *   outputs  are read after a run: nothing of them is absorbed
 *   failure  EX_OSERR: the arena is full
 */
const GraphCore *graph_fuse(const Graph *g, const Tensor outputs[], size_t output_count,
                            Arena *arena, Failure *failure);

#endif
