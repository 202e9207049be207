/*
 * Features: from what a dataset stores to what a model is fed: numbers from bytes, normalised, mixed up.
 * Source: spec/models 1.1 and 1.3.
 */
#ifndef PODIUM_MODELS_LAYERS_FEATURES_H
#define PODIUM_MODELS_LAYERS_FEATURES_H

#include "models/layers/network.h"

/*
 * Make the network's input of features and read it.
 *
 *   network  its graph and batch are made; gets frames and features
 *   gives    the model's input. Where a dataset's features are many, a part is read straight from the
 *            bytes, so a model that uses parts never makes the whole.
 */
ModelInput features_read(Network *network, const NetworkSpec *spec);

/* The mean of a video's frames, [batch, width]; of video-level data the features themselves. */
Tensor features_of_video(Graph *g, const ModelInput *input, ModelLevel level);

#endif
