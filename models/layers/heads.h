/*
 * Heads: from a representation to a prediction for every class. Source: spec/models 3.1, 3.2, 3.4.
 */
#ifndef PODIUM_MODELS_LAYERS_HEADS_H
#define PODIUM_MODELS_LAYERS_HEADS_H

#include "common/tensor/ops.h"
#include "models/model.h"

/* Independent logistic regressions, with L2 of scale `l2` on weights and bias. Has logits. */
Prediction logistic_head(Graph *g, const char *name, Tensor x, size_t classes, Initializer weights,
                         double l2);

/*
 * A mixture of experts for every class, with a dummy that always answers 0 (a bare gate), and L2 of
 * scale `l2` on both matrices. Class-major: index c * experts + k. Has no logits.
 */
Prediction mixture_of_experts_head(Graph *g, const char *name, Tensor x, size_t classes,
                                   size_t experts, double l2);

/*
 * The probabilities, each gated by a linear map of all: p * sigmoid(BN(p W)), W [classes, classes]. Has no
 * logits.
 */
Prediction gate_probabilities(Graph *g, const char *name, Prediction prediction,
                              BatchNorm normalization);

#endif
