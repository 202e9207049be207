#include "models/layers/heads.h"
#include "common/tensor/ops.h"
#include "models/layers/gating.h"
#include "models/layers/linear.h"

Prediction prediction_of_logits(Graph *g, Tensor logits)
{
    return (Prediction){ .logits = logits, .probabilities = sigmoid(g, logits) };
}

Prediction prediction_of_probabilities(Tensor probabilities)
{
    return (Prediction){ .probabilities = probabilities };
}

Prediction logistic_head(Graph *g, const char *name, Tensor x, size_t classes, Initializer weights,
                         double l2)
{
    return prediction_of_logits(g, penalized_linear(g, name, x, classes, weights, constant(0), l2));
}

/* Xavier's limits come from the matrix as it is stored: classes times experts columns. */
Prediction mixture_of_experts_head(Graph *g, const char *name, Tensor x, size_t classes,
                                   size_t experts, double l2)
{
    size_t width = width_of(x), gates = classes * (experts + 1), outputs = classes * experts;
    g = scope(g, name);
    Tensor gate = penalized_linear_without_bias(g, "gates", x, gates, xavier(width, gates), l2);
    Initializer weights = xavier(width, outputs);
    Tensor w = parameter(g, "experts/weights", shape_matrix(width, outputs), weights);
    Tensor b = parameter(g, "experts/bias", shape_vector(outputs), constant(0));
    graph_penalty(g, w, l2);
    Tensor expert = affine(g, x, w, b);
    gate = reshape(g, gate, 2, (size_t[]){ classes, experts + 1 });
    expert = reshape(g, expert, 2, (size_t[]){ classes, experts });
    return prediction_of_probabilities(mix_experts(g, gate, expert));
}

Prediction gate_probabilities(Graph *g, const char *name, Prediction prediction,
                              BatchNorm normalization)
{
    return prediction_of_probabilities(
        context_gate(g, name, prediction.probabilities, normalization));
}
