#include "models/layers/expansion.h"
#include "models/layers/linear.h"

/* A product forward is two backward, or one where a factor wants no gradient. */
#define BOTH_GRADIENTS 3
#define ONE_GRADIENT 2

static double times(const ExpansionSizes *s, double products)
{
    return s->training ? products : 1;
}

double expansion_cost_on_frames(const ExpansionSizes *s)
{
    double N = (double)s->N, d = (double)s->d, G = (double)s->G, K = (double)s->K;
    double expansion = N * d, logits = d * G * K + d * G, sums = d * K;
    return (double)s->frames
        * (times(s, ONE_GRADIENT) * expansion + times(s, BOTH_GRADIENTS) * (logits + sums));
}

double expansion_cost_moved(const ExpansionSizes *s)
{
    double N = (double)s->N, d = (double)s->d, G = (double)s->G, K = (double)s->K;
    double logits = N * G * K + N * G, sums = N * G * K, expansion = K * N * d;
    double parameters = N * d * (G * K + G) / (double)(s->videos ? s->videos : 1);
    return (double)s->frames * times(s, ONE_GRADIENT) * (logits + sums)
        + times(s, BOTH_GRADIENTS) * (expansion + parameters);
}

static bool is_moved(const ModelInput *input, size_t N, size_t d, size_t G, size_t K)
{
    ExpansionSizes sizes = { .frames =
                                 input->most_videos ? input->most_frames / input->most_videos : 0,
                             .videos = input->most_videos,
                             .N = N,
                             .d = d,
                             .G = G,
                             .K = K,
                             .training = input->training };
    return expansion_cost_moved(&sizes) < expansion_cost_on_frames(&sizes);
}

Expansion expand(Graph *g, const char *name, const ModelInput *input, Tensor x, size_t d, size_t G,
                 size_t K)
{
    size_t N = width_of(x);
    g = scope(g, name);
    Expansion xdot = { .x = x };
    xdot.weights = parameter(g, "weights", shape_matrix(N, d), variance_scaling(N));
    xdot.bias = parameter(g, "bias", shape_vector(d), constant(0));
    if (!is_moved(input, N, d, G, K))
        xdot.expanded = affine(g, x, xdot.weights, xdot.bias);
    return xdot;
}

/* xdot W + b is x (We W) + (be W + b). */
static Tensor apply(Graph *g, Expansion xdot, Tensor weights, Tensor bias)
{
    if (xdot.expanded)
        return affine(g, xdot.expanded, weights, bias);
    return affine(g, xdot.x, affine(g, xdot.weights, weights, NULL),
                  affine(g, xdot.bias, weights, bias));
}

static Tensor weights_of(Graph *g, Expansion xdot, size_t width, Initializer weights)
{
    return parameter(g, "weights", shape_matrix(width_of(xdot.weights), width), weights);
}

Tensor linear_of_expansion(Graph *g, const char *name, Expansion xdot, size_t width,
                           Initializer weights, Initializer bias)
{
    g = scope(g, name);
    Tensor w = weights_of(g, xdot, width, weights);
    return apply(g, xdot, w, parameter(g, "bias", shape_vector(width), bias));
}

Tensor linear_of_expansion_without_bias(Graph *g, const char *name, Expansion xdot, size_t width,
                                        Initializer weights)
{
    g = scope(g, name);
    return apply(g, xdot, weights_of(g, xdot, width, weights), NULL);
}

Tensor aggregate_expansion(Graph *g, Expansion xdot, Tensor w, Tensor c)
{
    size_t G = shape_of(w).axes[0];
    size_t groups[] = { G, shape_of(c).axes[0] };
    if (xdot.expanded)
        return aggregate(g, reshape(g, xdot.expanded, 2, groups), w, c);
    return aggregate_expanded(g, xdot.x, w, split_columns(g, xdot.weights, G),
                              reshape(g, xdot.bias, 2, groups), c);
}
