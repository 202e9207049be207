/*
 * Model: one architecture: its options and a function that builds it on a graph.
 *
 * A file models/NAME.c defines `const Model model_NAME`; that is its registration. It sees tensors
 * and ops, never data, devices or stages, and reads like its paper.
 */
#ifndef PODIUM_MODELS_MODEL_H
#define PODIUM_MODELS_MODEL_H

#include "common/base/options.h"
#include "common/data/dataset.h"
#include "common/tensor/graph.h"

#define PREDICTION_MOST_AUXILIARY 8

/* What a model is fed: features that are dequantised and normalised already. */
typedef struct ModelInput {
    const Rows *batch; // videos, or segments
    Tensor features;   // [batch, width] of video-level data, [frames, width] of frame-level data
    Tensor feature[DATASET_MOST_FEATURES]; // its parts, in the dataset's order: rgb, audio
    size_t feature_count;
    size_t classes;
    /* By these a model may choose between forms of one function; they change no parameter. */
    size_t most_videos, most_frames; // of a batch; 0: not known
    bool training;                   // there will be gradients
} ModelInput;

typedef struct Auxiliary {
    const char *name;
    Tensor value;
} Auxiliary;

typedef struct Prediction {
    Tensor logits;        // [batch, classes], or NULL: the model has none, and can't be mixed
    Tensor probabilities; // [batch, classes]
    Auxiliary
        auxiliary[PREDICTION_MOST_AUXILIARY]; // further outputs by name; a NULL name ends them
} Prediction;

typedef enum ModelLevel {
    MODEL_OF_VIDEOS, // reads one row of mean features a video
    MODEL_OF_FRAMES, // reads frames
} ModelLevel;

typedef struct Model {
    const char *name;    // "gated-netvlad": the file's name with dashes
    const char *summary; // a few words
    ModelLevel level;
    const Option *options;
    Prediction (*build)(Graph *g, const ModelInput *input, const OptionValues *values);
} Model;

/* All models, sorted by name; NULL ends them. Written by the build from the files in models/. */
extern const Model *const models[];

/* A prediction with sigmoid(logits) as its probabilities. */
Prediction prediction_of_logits(Graph *g, Tensor logits);

/* A prediction without logits. */
Prediction prediction_of_probabilities(Tensor probabilities);

#endif
