/*
 * Network: a model with everything around it: inputs, dequantisation, normalisation, mixture, loss.
 * What `train` and `predict` build.
 */
#ifndef PODIUM_MODELS_LAYERS_NETWORK_H
#define PODIUM_MODELS_LAYERS_NETWORK_H

#include "common/data/loader.h"
#include "common/tensor/device.h"
#include "models/model.h"

/* What decides a network. Checkpoints carry all of it, so that whoever uses one repeats nothing. */
typedef struct NetworkSpec {
    const Model *model;
    const OptionValues *values; // the model's options
    FeatureSpecs features;
    const char
        *normalization; // "raw", "l2": unit length over all features of a row, or "dewhiten":
                        // rgb scaled by its eigenvalues (spec 1.3)
    const float
        *eigenvalues; // for "dewhiten": how the statistic begins, borrowed until parameters are
                      // initialised; NULL: it comes from the checkpoint
    size_t eigenvalue_count;
    const char
        *dequantization; // of bytes: "starter" q 4/255 - 1.9921875, "q64" q/64 - 2 (spec 1.1)
    size_t classes;
    const char *loss; // "logits": stable binary cross entropy; "probabilities": with an epsilon
    double epsilon;   // of the loss on probabilities: 1e-5 (starter), 1e-8 (NeXtVLAD)
    const char *reduction;           // "sum" over classes (TensorFlow family) or "mean" (spec 4.1)
    size_t most_videos, most_frames; // of a batch, where it is known: see ModelInput
    double mixup;   // alpha of mixup in training, of normalised features and of targets; 0: none
    bool masked;    // only classes that a label names count in the loss (spec 4.2); for training
    bool listed;    // frames are stored once and listed, for inference on segments that overlap
    size_t mixture; // members of a mixture; 0 and 1: none (spec 9)
    double temperature; // T of the mixture's distillation
} NetworkSpec;

/* Table of the options that fill a NetworkSpec besides the model's own (spec's names with dashes).
 */
extern const Option network_options[];

typedef struct Network {
    Graph *graph;
    const Rows *batch, *frames, *labels; // frames: NULL for video-level data. labels: in the batch
    const Rows *stored;                  // of features, where spec.listed; else NULL
    Tensor list;                         // input: indices [frames, 1], where spec.listed
    Tensor features;      // input: real [batch, width], or bytes [frames or stored, width]
    Tensor label_classes; // input: indices [labels, 1]; NULL without a loss
    Tensor label_scores;  // input: real [labels, 1], in [0, 1]
    Prediction prediction;
} Network;

/* The model of that name, with dashes; NULL where there is none. */
const Model *model_find(const char *name);

/*
 * Fill the spec from parsed options (those of network_options), except model, values, features and what
 * is of training alone: eigenvalues, mixup, masked.
 */
void network_spec_read(NetworkSpec *spec, const OptionValues *values);

/*
 * Tell the network how large its batches can be, by which models choose among forms of one
 * function. On a GPU it isn't told, and plain forms stay until the others are measured there.
 */
void network_spec_bounds(NetworkSpec *spec, const Device *device, LoaderBounds most);

/*
 * Samples of a slice (graph_slice) of a network for training whose samples don't depend on one
 * another: as few as leave products at full speed. Of videos a sample is one row, so a slice is a
 * panel of the products on the host; of frames it is 5 rows and more.
 */
#define NETWORK_SLICE_OF_VIDEOS ((size_t)256)
#define NETWORK_SLICE_OF_FRAMES ((size_t)64)

/* What it means to run a batch in parts. */
typedef struct NetworkParts {
    bool changes; // the result: samples depend on one another, or the device isn't the host
    size_t slice; // where it doesn't: parts have a multiple of so many samples
} NetworkParts;

/* Ask before the network is built: it is built in the scratch arena, to see what it is made of. */
bool network_parts(NetworkParts *parts, const NetworkSpec *spec, const Device *device,
                   Arena scratch, Failure *failure);

/*
 * Build the network in the arena. With a loss, and if its samples don't depend on one another, it is
 * sliced.
 *
 *   with_loss  register the loss too, and its inputs
 *   failure    EX_CONFIG: the model can't be built so (says why)
 */
bool network_build(Network *network, const NetworkSpec *spec, bool with_loss, Arena *arena,
                   Failure *failure);

#endif
