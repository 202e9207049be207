#include "models/layers/vlad.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"

#include <math.h>

static Initializer by_width(Tensor x)
{
    return normal(1 / sqrt((double)width_of(x)));
}

Tensor assign_frames(Graph *g, const char *name, Tensor x, size_t K, BatchNorm normalization)
{
    Tensor l = linear_without_bias(g, name, x, K, by_width(x));
    return softmax(g, normalize_batch(scope(g, name), "normalization", l, normalization));
}

Tensor sum_residuals(Graph *g, const char *name, Tensor x, Tensor s)
{
    size_t F = width_of(x), K = width_of(s);
    Tensor c = parameter(g, name, shape_matrix(F, K), by_width(x));
    return aggregate(g, reshape(g, x, 2, (size_t[]){ 1, F }), reshape(g, s, 2, (size_t[]){ 1, K }),
                     c);
}

Tensor describe_residuals(Graph *g, Tensor V)
{
    return l2_normalize(g, flatten(g, normalize_columns(g, V)));
}
