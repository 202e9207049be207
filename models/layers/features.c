#include "models/layers/features.h"
#include "common/tensor/ops.h"
#include "models/layers/linear.h"

#include <string.h>

static bool is(const char *word, const char *expected)
{
    return strcmp(word, expected) == 0;
}

/* Which feature is rgb, whose whitening is known; none: count. */
static size_t find_rgb(const FeatureSpecs *features)
{
    size_t i = 0;
    while (i < features->count && !is(features->features[i].name, "rgb")
           && !is(features->features[i].name, "mean_rgb"))
        i++;
    return i;
}

/*
 * The eigenvalues as a statistic: the checkpoint has them, so whoever uses one needs no file. Where a
 * network is recalled from a checkpoint, they begin as 1 and are read with the parameters.
 */
static Tensor eigenvalues(Graph *g, const NetworkSpec *spec, size_t width)
{
    Initializer initializer = constant(1);
    if (spec->eigenvalues)
        initializer = (Initializer){ .kind = INITIALIZE_GIVEN, .values = spec->eigenvalues };
    if (spec->eigenvalues && spec->eigenvalue_count < width)
        graph_refuse(g, "%zu eigenvalues; rgb has %zu features", spec->eigenvalue_count, width);
    return statistic(g, "eigenvalues", shape_vector(width), initializer);
}

/* The parts with rgb's spread given back, where that is asked for. */
static void dewhiten_parts(Graph *g, const NetworkSpec *spec, ModelInput *model)
{
    size_t rgb = find_rgb(&spec->features);
    if (!is(spec->normalization, "dewhiten"))
        return;
    if (rgb == spec->features.count) {
        graph_refuse(g, "dewhiten is for rgb, and no feature has that name; use l2 or raw");
        return;
    }
    Tensor x = model->feature[rgb];
    model->feature[rgb] = dewhiten(g, x, eigenvalues(g, spec, width_of(x)));
}

static void split(Graph *g, const NetworkSpec *spec, ModelInput *model)
{
    for (size_t i = 0, at = 0; i < spec->features.count; at += spec->features.features[i++].width)
        model->feature[i] = columns(g, model->features, at, spec->features.features[i].width);
}

static void read_videos(Network *network, const NetworkSpec *spec, ModelInput *model)
{
    Graph *g = network->graph;
    Shape shape = shape_rows(network->batch, spec->features.width);
    model->features = network->features = input(g, "features", TYPE_REAL, shape);
    if (is(spec->normalization, "l2"))
        model->features = l2_normalize(g, model->features);
    if (is(spec->normalization, "dewhiten")) {
        split(g, spec, model);
        dewhiten_parts(g, spec, model);
        model->features = concatenate(g, model->feature, model->feature_count);
    }
    model->features = mix_rows(g, "mixup", model->features, spec->mixup);
    split(g, spec, model);
}

static void read_frames(Network *network, const NetworkSpec *spec, ModelInput *model)
{
    Graph *g = network->graph;
    bool q64 = is(spec->dequantization, "q64");
    Dequantization how = { .scale = q64 ? 1.0 / 64 : 4.0 / 255,
                           .offset = q64 ? -2 : 4.0 / 512 - 2,
                           .unit_length = is(spec->normalization, "l2") };
    const Rows *rows = network->frames = graph_rows(g, "frames", network->batch);
    if (spec->listed) {
        network->list = input(g, "list", TYPE_INDEX, shape_rows(network->frames, 1));
        rows = network->stored = graph_stored_rows(g, "stored", network->frames, network->list);
    }
    network->features = input(g, "features", TYPE_BYTE, shape_rows(rows, spec->features.width));
    for (size_t i = 0; i < model->feature_count; how.begin += how.width, i++) {
        how.width = spec->features.features[i].width;
        model->feature[i] = dequantize(g, network->features, how);
    }
    dewhiten_parts(g, spec, model);
    for (size_t i = 0; i < model->feature_count;
         i++) // one name: all parts are mixed in the same way
        model->feature[i] = mix_rows(g, "mixup", model->feature[i], spec->mixup);
    model->features = concatenate(g, model->feature, model->feature_count);
}

ModelInput features_read(Network *network, const NetworkSpec *spec)
{
    ModelInput model = { .batch = network->batch,
                         .feature_count = spec->features.count,
                         .classes = spec->classes,
                         .most_videos = spec->most_videos,
                         .most_frames = spec->most_frames };
    (spec->model->level == MODEL_OF_VIDEOS ? read_videos : read_frames)(network, spec, &model);
    return model;
}

Tensor features_of_video(Graph *g, const ModelInput *input, ModelLevel level)
{
    Tensor means[DATASET_MOST_FEATURES];
    if (level == MODEL_OF_VIDEOS)
        return input->features;
    for (size_t i = 0; i < input->feature_count; i++)
        means[i] = mean_by_video(g, input->feature[i]);
    return concatenate(g, means, input->feature_count);
}
