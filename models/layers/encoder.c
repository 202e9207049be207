#include "models/layers/encoder.h"
#include "models/layers/linear.h"
#include "models/layers/normalization.h"

#include <stdio.h>

#define SIGMA 0.02 // of all weights, as BERT's are drawn

static Tensor dense(Graph *g, const char *name, Tensor x, size_t width)
{
    return linear(g, name, x, width, truncated_normal(SIGMA), constant(0));
}

static Tensor encoder_layer(Graph *g, Tensor x, EncoderSizes sizes)
{
    size_t D = width_of(x);
    Attention heads = { sizes.heads, sizes.dropout };
    Tensor qkv = dense(g, "query-key-value", x, 3 * D);                      // Q W^Q, K W^K, V W^V
    Tensor a = dense(g, "output", attention(g, "attention", qkv, heads), D); // Eq. 2, 3
    x = normalize_sum(g, "attention-norm", x, a, sizes.dropout);
    Tensor f = gelu(g, dense(g, "feed-forward", x, sizes.feed_forward));
    return normalize_sum(g, "feed-forward-norm", x, dense(g, "project", f, D), sizes.dropout);
}

Tensor encode(Graph *g, Tensor x, size_t layers, EncoderSizes sizes)
{
    for (size_t i = 0; i < layers; i++) {
        char name[32];
        snprintf(name, sizeof name, "layer-%zu", i);
        x = encoder_layer(scope(g, name), x, sizes);
    }
    return x;
}
