/*
 * Linear layers and how their weights begin.
 */
#ifndef PODIUM_MODELS_LAYERS_LINEAR_H
#define PODIUM_MODELS_LAYERS_LINEAR_H

#include "common/tensor/ops.h"

/* Initialisers, named as in spec/models 2.4. */
Initializer constant(double value);
Initializer normal(double standard_deviation);
Initializer truncated_normal(double standard_deviation); // redrawn outside two of them
Initializer xavier(size_t fan_in, size_t fan_out);       // uniform +-sqrt(6 / (fan_in + fan_out))
Initializer variance_scaling(size_t fan_in); // truncated normal, sigma sqrt(1.3 * 2 / fan_in)
Initializer torch_uniform(size_t fan_in);    // uniform +-1 / sqrt(fan_in)

/* x W + b: x [rows, ..., in] gives [rows, ..., width]. Parameters NAME/weights and NAME/bias. */
Tensor linear(Graph *g, const char *name, Tensor x, size_t width, Initializer weights,
              Initializer bias);

/* x W. Parameter NAME/weights. */
Tensor linear_without_bias(Graph *g, const char *name, Tensor x, size_t width, Initializer weights);

/* The same two, with L2 penalties of scale `l2` on their parameters. */
Tensor penalized_linear(Graph *g, const char *name, Tensor x, size_t width, Initializer weights,
                        Initializer bias, double l2);
Tensor penalized_linear_without_bias(Graph *g, const char *name, Tensor x, size_t width,
                                     Initializer weights, double l2);

#endif
