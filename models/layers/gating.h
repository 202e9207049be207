/*
 * Context gating: a representation, element by element, times a gate computed from itself.
 * Source: Miech, Laptev and Sivic 2017; Lin, Xiao and Fan 2018 (squeeze and excitation);
 * spec 3.3, 3.5.
 */
#ifndef PODIUM_MODELS_LAYERS_GATING_H
#define PODIUM_MODELS_LAYERS_GATING_H

#include "common/tensor/ops.h"

/*
 * x * sigmoid(BN(x W)), W [width, width]. x [rows, width] gives the same shape.
 *
 *   normalization  settings of BN: batch_norm_tensorflow, or with averages that move faster
 */
Tensor context_gate(Graph *g, const char *name, Tensor x, BatchNorm normalization);

/* The same without batch normalisation, with a bias instead: x * sigmoid(x W + b). */
Tensor context_gate_without_batch_norm(Graph *g, const char *name, Tensor x);

/*
 * x * sigmoid(relu(BN(x W1)) W2), W1 [width, width / reduction]. The width must be a multiple.
 */
Tensor squeeze_context_gate(Graph *g, const char *name, Tensor x, size_t reduction,
                            BatchNorm normalization);

#endif
