/*
 * Dataset: what a model is fed from: which features, of which width, in which order.
 */
#ifndef PODIUM_DATA_DATASET_H
#define PODIUM_DATA_DATASET_H

#include "common/base/arena.h"

#define DATASET_MOST_FEATURES 8

typedef struct FeatureSpec {
    const char *name; // "mean_rgb"
    size_t width;     // values a row
} FeatureSpec;

typedef struct FeatureSpecs {
    FeatureSpec features[DATASET_MOST_FEATURES];
    size_t count;
    size_t width; // of all together: the width of a row of a model's input
} FeatureSpecs;

/*
 * Parse "mean_rgb:1024,mean_audio:128", the value of --features.
 *
 *   specs    names live in the arena
 *   failure  EX_USAGE: no name, no width, a name twice, more than DATASET_MOST_FEATURES
 */
bool feature_specs_parse(FeatureSpecs *specs, const char *text, Arena *arena, Failure *failure);

#endif
