/*
 * GRU: layers of gated recurrent units over a video's frames, and its trunk over what they end with.
 * Source: papers/refined-ensemble, section 2.1.1; what it leaves open, from the code that its authors refer to:
 * spec/models 8.1, the trunk 5.6.
 */
#include "models/layers/recurrent.h"
#include "models/layers/trunk.h"

#include <stdio.h>

#define MOST_LAYERS 16

static const Option options[] = {
    { "layers", OPTION_SIZE, "2", "layers of recurrent units, one above the other", .minimum = 1,
      .maximum = MOST_LAYERS },
    { "cells", OPTION_SIZE, "1024", "units of a layer", .minimum = 1, .maximum = 65536 },
    TRUNK_OPTIONS("2048", "16"),
    { 0 },
};

static Prediction build(Graph *g, const ModelInput *input, const OptionValues *values)
{
    size_t layers = option_size(values, "layers");
    Tensor last[MOST_LAYERS], h = input->features; // in their order: [frames, rgb and audio]
    for (size_t i = 0; i < layers; i++) {
        char name[32];
        snprintf(name, sizeof name, "layer-%zu", i);
        h = recurrent_units(g, name, h, option_size(values, "cells"));
        last[i] = last_by_video(g, h);
    }
    return gated_trunk(g, concatenate(g, last, layers), input->classes, values);
}

const Model model_gru = { "gru", "recurrent units over frames in their order", MODEL_OF_FRAMES,
                          options, build };
