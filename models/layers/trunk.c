#include "models/layers/trunk.h"
#include "models/layers/gating.h"
#include "models/layers/heads.h"
#include "models/layers/linear.h"

Prediction gated_trunk(Graph *g, Tensor descriptor, size_t classes, const OptionValues *values)
{
    size_t H = option_size(values, "hidden");
    BatchNorm settings = batch_norm_chosen(values);
    Tensor h = dropout(g, "dropout", descriptor, option_real(values, "dropout"));
    h = linear_without_bias(g, "hidden", h, H, variance_scaling(width_of(h)));
    h = normalize_batch(g, "normalization", h, settings);
    h = squeeze_context_gate(g, "gate", h, option_size(values, "gate-reduction"), settings);
    return logistic_head(g, "logistic", h, classes, variance_scaling(H), option_real(values, "l2"));
}
