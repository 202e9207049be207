#include "models/layers/linear.h"

#include <math.h>

Initializer constant(double value)
{
    return (Initializer){ INITIALIZE_CONSTANT, value, 0 };
}

Initializer normal(double standard_deviation)
{
    return (Initializer){ INITIALIZE_NORMAL, 0, standard_deviation };
}

Initializer truncated_normal(double standard_deviation)
{
    return (Initializer){ INITIALIZE_TRUNCATED_NORMAL, 0, standard_deviation };
}

Initializer xavier(size_t fan_in, size_t fan_out)
{
    double limit = sqrt(6.0 / (double)(fan_in + fan_out));
    return (Initializer){ INITIALIZE_UNIFORM, -limit, limit };
}

Initializer variance_scaling(size_t fan_in)
{
    return truncated_normal(sqrt(1.3 * 2.0 / (double)fan_in));
}

Initializer torch_uniform(size_t fan_in)
{
    double limit = 1.0 / sqrt((double)fan_in);
    return (Initializer){ INITIALIZE_UNIFORM, -limit, limit };
}

static Tensor weights_of(Graph *g, Tensor x, size_t width, Initializer initializer, double l2)
{
    Tensor weights = parameter(g, "weights", shape_matrix(width_of(x), width), initializer);
    graph_penalty(g, weights, l2);
    return weights;
}

Tensor penalized_linear(Graph *g, const char *name, Tensor x, size_t width, Initializer weights,
                        Initializer bias, double l2)
{
    g = scope(g, name);
    Tensor w = weights_of(g, x, width, weights, l2);
    Tensor b = parameter(g, "bias", shape_vector(width), bias);
    graph_penalty(g, b, l2);
    return affine(g, x, w, b);
}

Tensor penalized_linear_without_bias(Graph *g, const char *name, Tensor x, size_t width,
                                     Initializer weights, double l2)
{
    g = scope(g, name);
    return affine(g, x, weights_of(g, x, width, weights, l2), NULL);
}

Tensor linear(Graph *g, const char *name, Tensor x, size_t width, Initializer weights,
              Initializer bias)
{
    return penalized_linear(g, name, x, width, weights, bias, 0);
}

Tensor linear_without_bias(Graph *g, const char *name, Tensor x, size_t width, Initializer weights)
{
    return penalized_linear_without_bias(g, name, x, width, weights, 0);
}
