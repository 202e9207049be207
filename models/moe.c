/*
 * MoE: a mixture of logistic experts a class on the features of a video.
 * Source: the organisers' starter code (video_level_models.py, MoeModel); spec/models 3.2.
 */
#include "models/layers/heads.h"

static const Option options[] = {
    { "experts", OPTION_SIZE, "2", "experts a class, the dummy not counted", .minimum = 1,
      .maximum = 64 },
    { "l2", OPTION_REAL, "1e-8", "scale of the L2 penalty on both matrices" },
    { 0 },
};

static Prediction build(Graph *g, const ModelInput *input, const OptionValues *values)
{
    return mixture_of_experts_head(g, "moe", input->features, input->classes,
                                   option_size(values, "experts"), option_real(values, "l2"));
}

const Model model_moe = { "moe", "a mixture of logistic experts a class", MODEL_OF_VIDEOS, options,
                          build };
