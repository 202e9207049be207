#include "models/layers/network.h"
#include "common/tensor/ops.h"
#include "models/layers/features.h"
#include "models/layers/mixture.h"
#include "models/layers/normalization.h"

#include <string.h>

const Option network_options[] = {
    { "normalization", OPTION_CHOICE, "l2",
      "of features: l2 (unit length over all features of a row), dewhiten (rgb by the square roots "
      "of "
      "its eigenvalues) or raw",
      .choices = "l2|dewhiten|raw" },
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
    { "mixture", OPTION_SIZE, "1", "members of one architecture, their logits weighed by a gate",
      .minimum = 1, .maximum = MIXTURE_MOST_MEMBERS },
    { "temperature", OPTION_REAL, "3", "of the mixture's distillation into its members",
      .minimum = 0.01, .maximum = 1000 },
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
    spec->mixture = option_size(values, "mixture");
    spec->temperature = option_real(values, "temperature");
}

void network_spec_bounds(NetworkSpec *spec, const Device *device, LoaderBounds most)
{
    spec->most_videos = device->is_host ? most.samples : 0;
    spec->most_frames = device->is_host ? most.rows : 0;
}

/* What the labels say: targets, and weights where only rated classes count; one for all members. */
typedef struct Labels {
    Tensor targets, weights;
} Labels;

static Labels read_labels(Network *network, const NetworkSpec *spec)
{
    Graph *g = network->graph;
    Labels labels = { 0 };
    network->labels = graph_rows(g, "labels", network->batch);
    network->label_classes = input(g, "label-classes", TYPE_INDEX, shape_rows(network->labels, 1));
    network->label_scores = input(g, "label-scores", TYPE_REAL, shape_rows(network->labels, 1));
    labels.targets = dense_targets(g, network->label_classes, network->label_scores, spec->classes);
    labels.targets = mix_rows(g, "mixup", labels.targets, spec->mixup);
    if (spec->masked) // the loss is linear in targets and weights, so it is mixed as they are
        labels.weights =
            mix_rows(g, "mixup", dense_mask(g, network->label_classes, spec->classes), spec->mixup);
    return labels;
}

static void add_label_loss(Graph *g, const NetworkSpec *spec, const Prediction *prediction,
                           const Labels *labels)
{
    bool of_logits = strcmp(spec->loss, "probabilities") != 0 && prediction->logits;
    double weight = strcmp(spec->reduction, "mean") == 0 ? 1.0 / (double)spec->classes : 1.0;
    Tensor loss = of_logits
        ? logit_cross_entropy(g, prediction->logits, labels->targets, labels->weights)
        : probability_cross_entropy(g, prediction->probabilities, labels->targets, labels->weights,
                                    spec->epsilon);
    graph_loss(g, "cross-entropy", loss, weight);
}

static void add_losses(Network *network, const NetworkSpec *spec, const Mixture *mixture)
{
    Graph *g = network->graph;
    if (strcmp(spec->loss, "logits") == 0 && !network->prediction.logits)
        graph_refuse(g, "%s has no logits; use --loss probabilities", spec->model->name);
    Labels labels = read_labels(network, spec);
    add_label_loss(g, spec, &network->prediction, &labels);
    for (size_t m = 0; m < mixture->count; m++)
        add_label_loss(g, spec, &mixture->member[m], &labels);
    mixture_distill(mixture, g, spec->temperature);
}

/* Batch normalisation of the mixture's gate: its averages move as the members' do. */
static BatchNorm gate_normalization(const NetworkSpec *spec)
{
    for (const Option *option = spec->model->options; option->name; option++)
        if (strcmp(option->name, "moving-average") == 0)
            return batch_norm_chosen(spec->values);
    return batch_norm_tensorflow;
}

/* Slices have a price, which is paid only where they buy something. */
static void slice(Graph *g, const NetworkSpec *spec)
{
    bool of_videos = spec->model->level == MODEL_OF_VIDEOS;
    if (!graph_couples_samples(g))
        graph_slice(g, of_videos ? NETWORK_SLICE_OF_VIDEOS : NETWORK_SLICE_OF_FRAMES);
}

bool network_parts(NetworkParts *parts, const NetworkSpec *spec, const Device *device,
                   Arena scratch, Failure *failure)
{
    Network network;
    if (!network_build(&network, spec, true, &scratch, failure))
        return false;
    parts->changes = graph_couples_samples(network.graph) || !device->is_host;
    parts->slice = graph_slice_of(network.graph);
    return true;
}

bool network_build(Network *network, const NetworkSpec *spec, bool with_loss, Arena *arena,
                   Failure *failure)
{
    Mixture mixture = { 0 };
    Graph *g = graph_create(arena, failure);
    *network = (Network){ .graph = g };
    if (!g)
        return false;
    network->batch = graph_rows(g, "batch", NULL);
    ModelInput model = features_read(network, spec);
    model.training = with_loss;
    if (spec->mixture > 1) {
        Tensor features = features_of_video(g, &model, spec->model->level);
        mixture_build(&mixture, g, spec->model, &model, spec->values, spec->mixture, features,
                      gate_normalization(spec));
        network->prediction = mixture.prediction;
    } else {
        network->prediction = spec->model->build(g, &model, spec->values);
    }
    if (with_loss) {
        add_losses(network, spec, &mixture);
        slice(g, spec);
    }
    return graph_finish(g, failure);
}
