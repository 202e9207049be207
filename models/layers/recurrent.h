/*
 * Recurrent layers: what a video's frames, read in their order, leave in a state. Source: spec/models 8.
 */
#ifndef PODIUM_MODELS_LAYERS_RECURRENT_H
#define PODIUM_MODELS_LAYERS_RECURRENT_H

#include "common/tensor/ops.h"

/*
 * Gated recurrent units: x [frames, in] gives the state after each frame, [frames, cells].
 *
 * TensorFlow's cell has one matrix for [x, h]; here its rows for x and for h are two parameters, which begin as the
 * whole does: NAME/gates/weights [in, 2 cells], /bias (1 at first) and /state-weights [cells, 2 cells], and
 * NAME/candidate/ the same, of `cells` columns, its bias 0.
 */
Tensor recurrent_units(Graph *g, const char *name, Tensor x, size_t cells);

#endif
