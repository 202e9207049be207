/*
 * BERT: a transformer's encoder over frames, without positions, its outputs made one vector a video.
 * Source: papers/bert-ensemble, sections 3 and 8.3; what it leaves open, from the released code:
 * spec/models 10.
 */
#include "models/layers/encoder.h"
#include "models/layers/heads.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static const Option options[] = {
    { "layers", OPTION_SIZE, "2", "layers of the encoder", .minimum = 1, .maximum = 64 },
    { "heads", OPTION_SIZE, "12", "heads of attention; they divide the width of what is encoded",
      .minimum = 1, .maximum = 1152 },
    { "feed-forward", OPTION_SIZE, "3072", "width of each layer's hidden layer", .minimum = 1,
      .maximum = 65536 },
    { "compression", OPTION_SIZE, "1",
      "encode each feature by a linear map to so many times fewer dimensions; 1: as it is",
      .minimum = 1, .maximum = 1024 },
    { "dropout", OPTION_REAL, "0.1", "share dropped of attention and of what a layer adds",
      .maximum = 0.99 },
    { "cross-modal", OPTION_FLAG, NULL,
      "encode rgb and audio apart, and both together in the last layer" },
    { "aggregation", OPTION_CHOICE, "mean",
      "of a video's frames: mean, first, attention (a mean by learned weights) or none (side by "
      "side)",
      .choices = "mean|first|attention|none" },
    { "frames", OPTION_SIZE, "5", "how many frames stand side by side without aggregation",
      .minimum = 1, .maximum = 300 },
    { "experts", OPTION_SIZE, "5", "experts a class, the dummy not counted", .minimum = 1,
      .maximum = 64 },
    { "l2", OPTION_REAL, "1e-6", "scale of the L2 penalty on the experts' matrices" },
    { "gate-probabilities", OPTION_FLAG, NULL, "gate probabilities by a linear map of themselves" },
    MOVING_AVERAGE_OPTION,
    { 0 },
};

/*
 * Not in the paper, which encodes features as they are: a layer's work goes as the square of its width, and
 * this makes it fit for small machines. Of frames that several segments share it is computed once.
 */
static ModelInput compress(Graph *g, const ModelInput *input, size_t times)
{
    ModelInput narrow = *input;
    for (size_t i = 0; times > 1 && i < input->feature_count; i++) {
        char name[40];
        snprintf(name, sizeof name, "compression-%zu", i);
        size_t width = (width_of(input->feature[i]) + times - 1) / times;
        narrow.feature[i] = linear_without_bias(g, name, input->feature[i], width,
                                                truncated_normal(0.02)); // as the encoder's
    }
    if (times > 1)
        narrow.features = concatenate(g, narrow.feature, input->feature_count);
    return narrow;
}

/* B = T_cross([T_visual(F_visual); T_audio(F_audio)]), or T([F_visual; F_audio])    Eq. 4 */
static Tensor encode_frames(Graph *g, const ModelInput *input, const OptionValues *values)
{
    size_t layers = option_size(values, "layers");
    EncoderSizes sizes = { .heads = option_size(values, "heads"),
                           .feed_forward = option_size(values, "feed-forward"),
                           .dropout = option_real(values, "dropout") };
    if (!option_flag(values, "cross-modal"))
        return encode(g, input->features, layers, sizes);
    if (input->feature_count != 2) {
        graph_refuse(g, "cross-modal takes two features, rgb and audio; the dataset has %zu",
                     input->feature_count);
        return input->features;
    }
    Tensor visual = encode(scope(g, "rgb"), input->feature[0], layers - 1, sizes);
    Tensor audio = encode(scope(g, "audio"), input->feature[1], layers - 1, sizes);
    return encode(scope(g, "cross"), concatenate(g, (Tensor[]){ visual, audio }, 2), 1, sizes);
}

/* v from the frames' b [frames, D]: [batch, D], or [batch, frames D] without aggregation */
static Tensor aggregate_frames(Graph *g, Tensor b, const OptionValues *values)
{
    const char *aggregation = option_text(values, "aggregation");
    size_t D = width_of(b);
    if (strcmp(aggregation, "mean") == 0)
        return mean_by_video(g, b);
    if (strcmp(aggregation, "attention") == 0) {
        Tensor scores = linear_without_bias(g, "aggregation", b, 1, xavier(D, 1)); // w^T b_l
        return weighted_mean_by_video(g, b, scores,
                                      1 / sqrt((double)D)); // Eq. 5, 6; the scale: code
    }
    return leading_rows(g, b, strcmp(aggregation, "first") ? option_size(values, "frames") : 1);
}

static Prediction build(Graph *g, const ModelInput *input, const OptionValues *values)
{
    ModelInput narrow = compress(g, input, option_size(values, "compression"));
    Tensor b = encode_frames(g, &narrow, values);
    Tensor v = aggregate_frames(g, b, values);
    Prediction p = mixture_of_experts_head(
        g, "moe", v, input->classes, option_size(values, "experts"), option_real(values, "l2"));
    if (option_flag(values, "gate-probabilities"))
        p = gate_probabilities(g, "probability-gate", p, batch_norm_chosen(values));
    return p;
}

const Model model_bert = { "bert", "a transformer's encoder over frames", MODEL_OF_FRAMES, options,
                           build };
