#include "models/layers/gating.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"

#include <math.h>

static Initializer by_width(Tensor x)
{
    return normal(1 / sqrt((double)width_of(x)));
}

Tensor context_gate(Graph *g, const char *name, Tensor x, BatchNorm normalization)
{
    g = scope(g, name);
    Tensor gate = linear_without_bias(g, "gate", x, width_of(x), by_width(x));
    gate = normalize_batch(g, "normalization", gate, normalization);
    return multiply(g, x, sigmoid(g, gate));
}

Tensor context_gate_without_batch_norm(Graph *g, const char *name, Tensor x)
{
    g = scope(g, name);
    return multiply(g, x, sigmoid(g, linear(g, "gate", x, width_of(x), by_width(x), constant(0))));
}

Tensor squeeze_context_gate(Graph *g, const char *name, Tensor x, size_t reduction,
                            BatchNorm normalization)
{
    size_t width = width_of(x), squeezed = reduction ? width / reduction : 0;
    if (squeezed == 0 || squeezed * reduction != width)
        graph_refuse(g, "%s: a reduction of %zu does not divide a width of %zu", name, reduction,
                     width);
    g = scope(g, name);
    Tensor u = linear_without_bias(g, "squeeze", x, squeezed, variance_scaling(width));
    u = relu(g, normalize_batch(g, "normalization", u, normalization));
    Tensor gate = linear_without_bias(g, "excite", u, width, variance_scaling(squeezed));
    return multiply(g, x, sigmoid(g, gate));
}
