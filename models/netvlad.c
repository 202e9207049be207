/*
 * Gated NetVLAD: frames assigned softly to anchor points, their residuals to these summed, for rgb and
 * audio apart; the descriptor made smaller and gated, and so are the experts' probabilities.
 * Source: papers/bert-ensemble, equations 7 to 10; what they leave open, from the released code and that
 * of Miech, Laptev and Sivic 2017: spec/models 5.2, form a.
 */
#include "models/layers/gating.h"
#include "models/layers/heads.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"
#include "models/layers/vlad.h"

#include <math.h>

static const Option options[] = {
    { "clusters", OPTION_SIZE, "16", "anchor points K for rgb; audio has half as many",
      .minimum = 2, .maximum = 65536 },
    { "hidden", OPTION_SIZE, "1024", "width H of the video's representation", .minimum = 1,
      .maximum = 65536 },
    { "experts", OPTION_SIZE, "5", "experts a class, the dummy not counted", .minimum = 1,
      .maximum = 64 },
    { "l2", OPTION_REAL, "1e-6", "scale of the L2 penalty on the experts' matrices" },
    MOVING_AVERAGE_OPTION,
    { 0 },
};

/* One stream: x [frames, J]; gives [batch, J K]. */
static Tensor stream(Graph *g, Tensor x, size_t K, BatchNorm settings)
{
    x = normalize_batch(g, "input", x, settings);
    Tensor a =
        assign_frames(g, "assignment", x, K, settings); // Eq. 8; its b_k is in the batch norm
    Tensor y = sum_residuals(g, "anchors", x, a);       // Eq. 7, 9
    return describe_residuals(g, y);
}

static Prediction build(Graph *g, const ModelInput *input, const OptionValues *values)
{
    size_t K = option_size(values, "clusters"), H = option_size(values, "hidden");
    BatchNorm settings = batch_norm_chosen(values);
    if (input->feature_count != 2) {
        graph_refuse(g, "netvlad takes two features, rgb and audio; the dataset has %zu",
                     input->feature_count);
        return prediction_of_probabilities(input->features);
    }
    Tensor rgb = stream(scope(g, "rgb"), input->feature[0], K, settings);
    Tensor audio = stream(scope(g, "audio"), input->feature[1], K / 2, settings);
    Tensor y = concatenate(g, (Tensor[]){ rgb, audio }, 2);
    Tensor h =
        linear(g, "hidden", y, H, normal(1 / sqrt((double)K)), normal(0.01)); // |y| is 1, not JK
    Tensor z = context_gate(g, "gate", h,
                            settings); // Eq. 10, on h as the text says, not on y as it prints
    Prediction p = mixture_of_experts_head(
        g, "moe", z, input->classes, option_size(values, "experts"), option_real(values, "l2"));
    return gate_probabilities(g, "probability-gate", p, settings);
}

const Model model_netvlad = { "netvlad", "gated clusters of frames", MODEL_OF_FRAMES, options,
                              build };
