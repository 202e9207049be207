#include "models/layers/mixture.h"
#include "models/layers/heads.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"

#include <stdio.h>

static const char *const names[MIXTURE_MOST_MEMBERS] = {
    "member-0", "member-1", "member-2", "member-3", "member-4", "member-5", "member-6", "member-7",
};

/* alpha, one number for each video and member, from the mean of its frames. */
static Tensor gate(Graph *g, Tensor features, size_t members, BatchNorm normalization)
{
    Tensor u = normalize_batch(g, "normalization", features, normalization);
    Initializer weights = variance_scaling(width_of(features));
    return softmax(g, linear(g, "gate", u, members, weights, constant(0)));
}

void mixture_build(Mixture *mixture, Graph *g, const Model *model, const ModelInput *input,
                   const OptionValues *values, size_t count, Tensor features,
                   BatchNorm normalization)
{
    Tensor logits[MIXTURE_MOST_MEMBERS];
    *mixture = (Mixture){ .count = count };
    for (size_t m = 0; m < count; m++) {
        mixture->member[m] = model->build(scope(g, names[m]), input, values);
        logits[m] = mixture->member[m].logits;
        if (!logits[m]) {
            graph_refuse(g, "%s has no logits, so it can't be a member of a mixture", model->name);
            mixture->prediction = mixture->member[m];
            mixture->count = 0;
            return;
        }
    }
    Tensor alpha = gate(scope(g, "mixture"), features, count, normalization);
    mixture->prediction = prediction_of_logits(g, mix_logits(g, alpha, logits, count));
    for (size_t m = 0; m < count; m++)
        mixture->prediction.auxiliary[m] = (Auxiliary){ names[m], logits[m] };
}

void mixture_distill(const Mixture *mixture, Graph *g, double temperature)
{
    for (size_t m = 0; m < mixture->count; m++)
        graph_loss(
            g, "distillation",
            divergence(g, mixture->prediction.logits, mixture->member[m].logits, temperature),
            temperature * temperature);
}
