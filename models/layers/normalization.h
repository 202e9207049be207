/*
 * Batch normalisation as a layer: its parameters and moving averages.
 */
#ifndef PODIUM_MODELS_LAYERS_NORMALIZATION_H
#define PODIUM_MODELS_LAYERS_NORMALIZATION_H

#include "common/tensor/ops.h"

/* The settings of the two families of frameworks: spec/models 2.1. */
extern const BatchNorm batch_norm_tensorflow; // epsilon 1e-3, averages move by 0.001
extern const BatchNorm batch_norm_torch; // epsilon 1e-5, averages move by 0.1, unbiased variance

/* x [rows, ...], of the same shape. NAME/scale, NAME/shift; NAME/mean and NAME/variance are
 * statistics. */
Tensor normalize_batch(Graph *g, const char *name, Tensor x, BatchNorm settings);

#endif
