/*
 * ResNetLike: two residual towers, for rgb and audio, joined by a third.
 * Source: papers/distilled, section 3.1; what it leaves open, from the released code:
 * spec/models 11.1.
 */
#include "models/layers/heads.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"

#include <stdio.h>

#define SLOPE 0.01 // of the leaky rectifier

static const Option options[] = {
    { "inner", OPTION_SIZE, "2048", "width n of the hidden layers", .minimum = 1,
      .maximum = 65536 },
    { "tower-blocks", OPTION_SIZE, "1", "identity blocks in each tower", .maximum = 64 },
    { "joint-blocks", OPTION_SIZE, "1", "identity blocks after the towers are joined",
      .maximum = 64 },
    { "dropout", OPTION_REAL, "0.5", "share of hidden units dropped", .maximum = 0.99 },
    { "video-part", OPTION_SIZE, "1", "rgb's part of the 2n joint units", .minimum = 1,
      .maximum = 64 },
    { "audio-part", OPTION_SIZE, "1", "audio's part of the 2n joint units", .minimum = 1,
      .maximum = 64 },
    { "gated", OPTION_FLAG, NULL, "gate the logits by a linear map of themselves" },
    { 0 },
};

static Tensor dense(Graph *g, const char *name, Tensor x, size_t width)
{
    Initializer initializer = torch_uniform(width_of(x));
    return linear(g, name, x, width, initializer, initializer);
}

/* dense, batch norm, leaky rectifier, dropout */
static Tensor full_block(Graph *g, const char *name, Tensor x, size_t width, double rate)
{
    g = scope(g, name);
    Tensor y = normalize_batch(g, "normalization", dense(g, "dense", x, width), batch_norm_torch);
    return dropout(g, "dropout", leaky_relu(g, y, SLOPE), rate);
}

/* x plus two layers of itself; the second has neither batch norm nor dropout */
static Tensor identity_blocks(Graph *g, Tensor x, size_t inner, size_t count, double rate)
{
    for (size_t i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "block-%zu", i);
        Graph *block = scope(g, name);
        Tensor y = dense(block, "out", full_block(block, "in", x, inner, rate), width_of(x));
        x = leaky_relu(block, add(block, x, y), SLOPE);
    }
    return x;
}

static Tensor tower(Graph *g, Tensor x, size_t width, size_t blocks, double rate)
{
    return identity_blocks(g, full_block(g, "entry", x, width, rate), width, blocks, rate);
}

static Prediction build(Graph *g, const ModelInput *input, const OptionValues *values)
{
    size_t n = option_size(values, "inner"), blocks = option_size(values, "tower-blocks");
    size_t video = option_size(values, "video-part"), audio = option_size(values, "audio-part");
    size_t video_width = 2 * n * video / (video + audio), audio_width = 2 * n - video_width;
    double rate = option_real(values, "dropout");
    if (input->feature_count != 2) {
        graph_refuse(g, "resnet-like takes two features, rgb and audio; the dataset has %zu",
                     input->feature_count);
        return prediction_of_logits(g, input->features);
    }
    Tensor a = tower(scope(g, "audio"), input->feature[1], audio_width, blocks, rate);
    Tensor v = tower(scope(g, "video"), input->feature[0], video_width, blocks, rate);
    Tensor joint = concatenate(g, (Tensor[]){ a, v }, 2); // [batch, 2n]
    joint = identity_blocks(scope(g, "joint"), joint, n, option_size(values, "joint-blocks"), rate);
    Tensor h = full_block(g, "exit", joint, n, rate);
    Tensor z = dense(g, "logits", h, input->classes); // [batch, classes]
    if (option_flag(values, "gated"))
        z = multiply(g, z, sigmoid(g, dense(g, "gate", z, input->classes)));
    return prediction_of_logits(g, z);
}

const Model model_resnet_like = { "resnet-like", "residual towers for rgb and audio, joined",
                                  MODEL_OF_VIDEOS, options, build };
