/*
 * Trunk: from a video's descriptor to a prediction, as NeXtVLAD has it: dropout, a hidden layer without activation, a
 * gate from a narrower layer, logistic regressions. Source: spec/models 5.1 and 5.6.
 */
#ifndef PODIUM_MODELS_LAYERS_TRUNK_H
#define PODIUM_MODELS_LAYERS_TRUNK_H

#include "models/layers/normalization.h"
#include "models/model.h"

/* Options of a model whose trunk this is: the defaults of `hidden` and `gate-reduction` are its own. */
#define TRUNK_OPTIONS(hidden, reduction)                                                           \
    { "hidden",     OPTION_SIZE,     hidden, "width H of the video's representation",              \
      .minimum = 1, .maximum = 65536 },                                                            \
        { "gate-reduction", OPTION_SIZE,                                                           \
          reduction,        "how many times narrower the gate's hidden layer is than H",           \
          .minimum = 1,     .maximum = 65536 },                                                    \
        { "dropout", OPTION_REAL, "0.5", "share of the descriptor's elements dropped",             \
          .maximum = 0.99 },                                                                       \
        { "l2", OPTION_REAL, "1e-5",                                                               \
          "scale of the L2 penalty on the classifier's weights and bias" },                        \
        MOVING_AVERAGE_OPTION

/* descriptor [batch, D]. Parameters hidden/, normalization/, gate/ and logistic/. Has logits. */
Prediction gated_trunk(Graph *g, Tensor descriptor, size_t classes, const OptionValues *values);

#endif
