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

/*
 * xdot W + b is x (We W) + (be W + b). Both layers are one product of the frames: these are read
 * once, and attention alone is too narrow to be multiplied fast.
 */
static Assignment assign_frames(Graph *g, Expansion xdot, Tensor attention, Tensor bias,
                                Tensor clusters)
{
    size_t G = width_of(attention);
    Tensor weights = concatenate(g, (Tensor[]){ attention, clusters }, 2);
    Tensor of_attention = affine(g, xdot.bias, attention, bias);
    Tensor of_clusters = affine(g, xdot.bias, clusters, NULL);
    Tensor both = affine(g, xdot.x, affine(g, xdot.weights, weights, NULL),
                         concatenate(g, (Tensor[]){ of_attention, of_clusters }, 2));
    return (Assignment){ columns(g, both, 0, G), columns(g, both, G, width_of(clusters)) };
}

Assignment assign_expansion(Graph *g, Expansion xdot, size_t G, size_t K)
{
    size_t d = width_of(xdot.weights);
    Initializer initializer = variance_scaling(d);
    Graph *of_groups = scope(g, "attention"), *of_clusters = scope(g, "clusters");
    Tensor attention = parameter(of_groups, "weights", shape_matrix(d, G), initializer);
    Tensor bias = parameter(of_groups, "bias", shape_vector(G), constant(0));
    Tensor clusters = parameter(of_clusters, "weights", shape_matrix(d, G * K), initializer);
    if (!xdot.expanded)
        return assign_frames(scope(g, "assignment"), xdot, attention, bias, clusters);
    return (Assignment){ affine(of_groups, xdot.expanded, attention, bias),
                         affine(of_clusters, xdot.expanded, clusters, NULL) };
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
