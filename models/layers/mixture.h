/*
 * Mixture: several members of one architecture on the same input, and a gate that weighs their logits;
 * each member also learns from the mixture (on-the-fly distillation).
 * Source: Lin, Xiao and Fan 2018; spec/models 9.
 */
#ifndef PODIUM_MODELS_LAYERS_MIXTURE_H
#define PODIUM_MODELS_LAYERS_MIXTURE_H

#include "common/tensor/ops.h"
#include "models/model.h"

#define MIXTURE_MOST_MEMBERS 8 // each is a named output: PREDICTION_MOST_AUXILIARY

typedef struct Mixture {
    Prediction prediction; // of the mixture; the members' logits are its auxiliary outputs
    Prediction member[MIXTURE_MOST_MEMBERS];
    size_t count;
} Mixture;

/*
 * Build the members, with parameters and dropout of their own under member-0/, member-1/, ..., and the
 * gate under mixture/. A model without logits is refused.
 *
 *   count          members, from 2 to MIXTURE_MOST_MEMBERS
 *   features       [batch, width]: what the gate sees, the mean of a video's frames
 *   normalization  settings of the gate's batch normalisation
 */
void mixture_build(Mixture *mixture, Graph *g, const Model *model, const ModelInput *input,
                   const OptionValues *values, size_t count, Tensor features,
                   BatchNorm normalization);

/*
 * Register the distillation: T^2 times each member's divergence from the mixture. The labels' losses of
 * members and mixture are the caller's.
 */
void mixture_distill(const Mixture *mixture, Graph *g, double temperature);

#endif
