#include "models/layers/network.h"
#include "common/tensor/ops.h"

#include <string.h>

const Option network_options[] = {
    { "normalization", OPTION_CHOICE, "l2",
      "of features: l2 (unit length over all features of a row) or raw", .choices = "l2|raw" },
    { "dequantization", OPTION_CHOICE, "starter",
      "of bytes q: starter (4 q/255 - 1.9921875) or q64 (q/64 - 2)", .choices = "starter|q64" },
    { "classes", OPTION_SIZE, "3862", "classes of the vocabulary", .minimum = 1,
      .maximum = 10000000 },
    { "loss", OPTION_CHOICE, "auto",
      "binary cross entropy of logits, of probabilities (with epsilon), or of what the model has",
      .choices = "auto|logits|probabilities" },
    { "epsilon", OPTION_REAL, "1e-5", "added to probabilities in their logarithms",
      .minimum = 1e-12, .maximum = 0.1 },
    { "reduction", OPTION_CHOICE, "sum", "of the loss over classes", .choices = "sum|mean" },
    { 0 },
};

const Model *model_find(const char *name)
{
    for (const Model *const *model = models; *model; model++)
        if (strcmp((*model)->name, name) == 0)
            return *model;
    return NULL;
}

void network_spec_read(NetworkSpec *spec, const OptionValues *values)
{
    spec->normalization = option_text(values, "normalization");
    spec->dequantization = option_text(values, "dequantization");
    spec->classes = option_size(values, "classes");
    spec->loss = option_text(values, "loss");
    spec->epsilon = option_real(values, "epsilon");
    spec->reduction = option_text(values, "reduction");
}

/* The features as numbers, whatever they are stored as. */
static Tensor read_features(Network *network, const NetworkSpec *spec)
{
    Graph *g = network->graph;
    if (spec->model->level == MODEL_OF_VIDEOS) {
        Shape shape = shape_rows(network->batch, spec->features.width);
        return network->features = input(g, "features", TYPE_REAL, shape);
    }
    network->frames = graph_rows(g, "frames", network->batch);
    network->features =
        input(g, "features", TYPE_BYTE, shape_rows(network->frames, spec->features.width));
    if (strcmp(spec->dequantization, "q64") == 0)
        return dequantize(g, network->features, 1.0 / 64, -2);
    return dequantize(g, network->features, 4.0 / 255, 4.0 / 512 - 2);
}

static ModelInput read_input(Network *network, const NetworkSpec *spec)
{
    Graph *g = network->graph;
    ModelInput model = { .batch = network->batch,
                         .feature_count = spec->features.count,
                         .classes = spec->classes };
    model.features = read_features(network, spec);
    if (strcmp(spec->normalization, "l2") == 0)
        model.features = l2_normalize(g, model.features);
    model.features = mix_rows(g, "mixup", model.features, spec->mixup);
    for (size_t i = 0, at = 0; i < spec->features.count; at += spec->features.features[i++].width)
        model.feature[i] = columns(g, model.features, at, spec->features.features[i].width);
    return model;
}

static void add_loss(Network *network, const NetworkSpec *spec)
{
    Graph *g = network->graph;
    const Prediction *prediction = &network->prediction;
    bool of_logits = strcmp(spec->loss, "probabilities") != 0 && prediction->logits;
    double weight = strcmp(spec->reduction, "mean") == 0 ? 1.0 / (double)spec->classes : 1.0;
    if (strcmp(spec->loss, "logits") == 0 && !prediction->logits)
        graph_refuse(g, "%s has no logits; use --loss probabilities", spec->model->name);
    network->labels = graph_rows(g, "labels", network->batch);
    network->label_classes = input(g, "label-classes", TYPE_INDEX, shape_rows(network->labels, 1));
    network->label_scores = input(g, "label-scores", TYPE_REAL, shape_rows(network->labels, 1));
    Tensor targets = dense_targets(g, network->label_classes, network->label_scores, spec->classes);
    targets = mix_rows(g, "mixup", targets, spec->mixup); // linear in the targets: spec 15.1
    Tensor loss = of_logits
        ? logit_cross_entropy(g, prediction->logits, targets, NULL)
        : probability_cross_entropy(g, prediction->probabilities, targets, NULL, spec->epsilon);
    graph_loss(g, "cross-entropy", loss, weight);
}

bool network_build(Network *network, const NetworkSpec *spec, bool with_loss, Arena *arena,
                   Failure *failure)
{
    *network = (Network){ .graph = graph_create(arena, failure) };
    if (!network->graph)
        return false;
    network->batch = graph_rows(network->graph, "batch", NULL);
    ModelInput model = read_input(network, spec);
    network->prediction = spec->model->build(network->graph, &model, spec->values);
    if (with_loss)
        add_loss(network, spec);
    return graph_finish(network->graph, failure);
}
