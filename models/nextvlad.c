/*
 * NeXtVLAD: each frame is split into groups, each group assigned softly to clusters and weighed by its
 * attention, the residuals to the clusters' centres summed over the video, for rgb and audio apart.
 * Source: Lin, Xiao and Fan 2018; where text and released code differ, the code: spec/models 5.1, whose
 * step numbers stand at the right.
 */
#include "models/layers/expansion.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"
#include "models/layers/trunk.h"

static const Option options[] = {
    { "clusters", OPTION_SIZE, "128", "clusters K for rgb; audio has half as many", .minimum = 2,
      .maximum = 65536 },
    { "groups", OPTION_SIZE, "8", "groups G for rgb; audio has half as many", .minimum = 2,
      .maximum = 1024 },
    { "expansion", OPTION_SIZE, "2", "how many times wider frames become before they are split",
      .minimum = 1, .maximum = 64 },
    TRUNK_OPTIONS("2048", "8"),
    { 0 },
};

/* One stream: x [frames, N], d = expansion N; G groups of f = d / G; gives [batch, f K]. */
static Tensor stream(Graph *g, const ModelInput *input, Tensor x, size_t d, size_t G, size_t K,
                     BatchNorm settings)
{
    size_t f = d / G;
    if (f * G != d) {
        graph_refuse(g, "groups: %zu do not divide a width of %zu", G, d);
        return x;
    }
    Expansion xdot = expand(g, "expand", input, x, d, G, K);                           // 1
    Assignment to = assign_expansion(g, xdot, G, K);                                   // 2, 3
    Tensor l = normalize_batch(g, "assignment", to.logits, settings);                  // 3
    Tensor w = soft_assignment(g, reshape(g, l, 2, (size_t[]){ G, K }), to.attention); // 4, 5
    Tensor c = parameter(g, "centres", shape_matrix(f, K), variance_scaling(f));
    Tensor V = aggregate_expansion(g, xdot, w, c);                                          // 6, 7
    return normalize_batch(g, "descriptor", flatten(g, normalize_columns(g, V)), settings); // 8, 9
}

static Prediction build(Graph *g, const ModelInput *input, const OptionValues *values)
{
    size_t K = option_size(values, "clusters"), G = option_size(values, "groups");
    size_t expansion = option_size(values, "expansion");
    BatchNorm settings = batch_norm_chosen(values);
    if (input->feature_count != 2) {
        graph_refuse(g, "nextvlad takes two features, rgb and audio; the dataset has %zu",
                     input->feature_count);
        return prediction_of_logits(g, input->features);
    }
    Tensor x = input->feature[0], y = input->feature[1];
    Tensor rgb = stream(scope(g, "rgb"), input, x, expansion * width_of(x), G, K, settings);
    Tensor audio =
        stream(scope(g, "audio"), input, y, expansion * width_of(y), G / 2, K / 2, settings);
    return gated_trunk(g, concatenate(g, (Tensor[]){ rgb, audio }, 2), input->classes, values);
}

const Model model_nextvlad = { "nextvlad", "grouped clusters of frames, aggregated",
                               MODEL_OF_FRAMES, options, build };
