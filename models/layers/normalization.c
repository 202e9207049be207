#include "models/layers/normalization.h"
#include "models/layers/linear.h"

const BatchNorm batch_norm_tensorflow = { .epsilon = 1e-3, .momentum = 0.001 };
const BatchNorm batch_norm_torch = { .epsilon = 1e-5, .momentum = 0.1, .unbiased_variance = true };

BatchNorm batch_norm_chosen(const OptionValues *values)
{
    BatchNorm settings = batch_norm_tensorflow;
    settings.momentum = option_real(values, "moving-average");
    return settings;
}

Tensor normalize_batch(Graph *g, const char *name, Tensor x, BatchNorm settings)
{
    Shape width = shape_vector(shape_elements(shape_of(x)));
    g = scope(g, name);
    Tensor scale = parameter(g, "scale", width, constant(1));
    Tensor shift = parameter(g, "shift", width, constant(0));
    Tensor mean = statistic(g, "mean", width, constant(0));
    Tensor variance = statistic(g, "variance", width, constant(1));
    return batch_norm(g, x, scale, shift, mean, variance, settings);
}

Tensor normalize_sum(Graph *g, const char *name, Tensor x, Tensor added, double dropout)
{
    Shape width = shape_vector(shape_elements(shape_of(x)));
    g = scope(g, name);
    Tensor scale = parameter(g, "scale", width, constant(1));
    Tensor shift = parameter(g, "shift", width, constant(0));
    LayerNorm settings = { .epsilon = 1e-12, .rate = dropout };
    return layer_norm(g, "dropout", x, added, scale, shift, settings);
}
