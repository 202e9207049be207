/*
 * Normalisations as layers: their parameters and moving averages.
 */
#ifndef PODIUM_MODELS_LAYERS_NORMALIZATION_H
#define PODIUM_MODELS_LAYERS_NORMALIZATION_H

#include "common/base/options.h"
#include "common/tensor/ops.h"

/* The settings of the two families of frameworks: spec/models 2.1. */
extern const BatchNorm batch_norm_tensorflow; // epsilon 1e-3, averages move by 0.001
extern const BatchNorm batch_norm_torch; // epsilon 1e-5, averages move by 0.1, unbiased variance

/* An option of models, and TensorFlow's settings with what it says. */
#define MOVING_AVERAGE_OPTION                                                                      \
    {                                                                                              \
        "moving-average", OPTION_REAL, "0.001",                                                    \
            "weight of a new batch in batch normalisation's moving averages", .minimum = 1e-9,     \
                                                                              .maximum = 1         \
    }
BatchNorm batch_norm_chosen(const OptionValues *values);

/* x [rows, ...], of the same shape. NAME/scale, NAME/shift; NAME/mean and NAME/variance are
 * statistics. */
Tensor normalize_batch(Graph *g, const char *name, Tensor x, BatchNorm settings);

/*
 * Layer normalisation of x + dropout(added), or of x where added is NULL, with BERT's epsilon of 1e-12.
 * x, added [rows, ...] of equal shapes. NAME/scale, NAME/shift; draws are keyed by NAME/dropout.
 */
Tensor normalize_sum(Graph *g, const char *name, Tensor x, Tensor added, double dropout);

#endif
