/*
 * Logistic: one logistic regression a class on the features of a video.
 * Source: the organisers' starter code (video_level_models.py); spec/models 3.1 and 14.1.
 */
#include "models/layers/heads.h"
#include "models/layers/linear.h"

static const Option options[] = {
    { "l2", OPTION_REAL, "1e-8", "scale of the L2 penalty on weights and bias" },
    { 0 },
};

static Prediction build(Graph *g, const ModelInput *input, const OptionValues *values)
{
    Tensor x = input->features; // [batch, width]
    Initializer weights = xavier(width_of(x), input->classes);
    return logistic_head(g, "logistic", x, input->classes, weights, option_real(values, "l2"));
}

const Model model_logistic = { "logistic", "one logistic regression a class", MODEL_OF_VIDEOS,
                               options, build };
