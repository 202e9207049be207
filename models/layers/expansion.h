/*
 * Expansion: frames made wider by a linear layer, of which only linear things are made: other
 * linear layers, and sums over a video's frames. So the layer may as well stand behind those, as
 * products of parameters and as a map of each video's sums: the same function of the same
 * parameters, which takes fewer multiplications where videos have many frames.
 */
#ifndef PODIUM_MODELS_LAYERS_EXPANSION_H
#define PODIUM_MODELS_LAYERS_EXPANSION_H

#include "models/model.h"

/* What decides the number of multiplications. */
typedef struct ExpansionSizes {
    size_t frames; // of a video
    size_t videos; // of a batch
    size_t N, d;   // width of a frame, and of an expanded one
    size_t G, K; // groups, and clusters of each, for which logits are made and over which is summed
    bool training; // with both gradients, that of the frames left out
} ExpansionSizes;

/*
 * Multiplications a video, of the expansion and what follows up to the sums: on every frame, or
 * moved behind.
 */
double expansion_cost_on_frames(const ExpansionSizes *sizes);
double expansion_cost_moved(const ExpansionSizes *sizes);

/* Frames that were, or will be, expanded. */
typedef struct Expansion {
    Tensor x;             // [frames, N]
    Tensor weights, bias; // [N, d], [d]
    Tensor expanded;      // [frames, d]; NULL: moved behind what is made of it
} Expansion;

/*
 * Expand frames: parameters NAME/weights and NAME/bias.
 *
 *   input  says how many frames videos have; where it doesn't, frames are expanded at once
 *   d      the width to expand to
 *   G, K   what is made of it: G K logits, and sums of K clusters over groups of d / G
 */
Expansion expand(Graph *g, const char *name, const ModelInput *input, Tensor x, size_t d, size_t G,
                 size_t K);

/* What assigns frames to clusters, before its normalisation and its sigmoid. */
typedef struct Assignment {
    Tensor attention; // [frames, G], of groups
    Tensor logits;    // [frames, G K], of clusters
} Assignment;

/*
 * Two linear layers of the expanded frames: parameters attention/weights and attention/bias, and
 * clusters/weights, which have no bias.
 */
Assignment assign_expansion(Graph *g, Expansion xdot, size_t G, size_t K);

/* As aggregate, of the expanded frames cut into groups: w [frames, G, K], c [d / G, K]. */
Tensor aggregate_expansion(Graph *g, Expansion xdot, Tensor w, Tensor c);

#endif
