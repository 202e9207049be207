/*
 * Encoder: layers of a transformer over the frames of videos, each video by itself. It knows no
 * positions: frames in another order give the same outputs in that order.
 * Source: Vaswani et al. 2017; papers/bert-ensemble, equations 2 and 3; spec/models 10.2.
 */
#ifndef PODIUM_MODELS_LAYERS_ENCODER_H
#define PODIUM_MODELS_LAYERS_ENCODER_H

#include "common/tensor/ops.h"

typedef struct EncoderSizes {
    size_t heads;        // must divide the width
    size_t feed_forward; // width of the hidden layer
    double dropout;      // of attention, and of what each half of a layer adds
} EncoderSizes;

/*
 * `layers` layers: x [frames, D] gives the same shape. Parameters layer-0/query-key-value/weights, ...
 *
 * Queries, keys and values are one matrix [D, 3 D], so they are one product, and one variable where
 * gradients are clipped by variable.
 */
Tensor encode(Graph *g, Tensor x, size_t layers, EncoderSizes sizes);

#endif
