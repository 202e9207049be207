/*
 * The cases by which every op is checked: against finite differences in double, and on CUDA against
 * the CPU.
 */
#ifndef PODIUM_TESTS_GRADIENT_OP_CASES_H
#define PODIUM_TESTS_GRADIENT_OP_CASES_H

#include "gradient/gradient_check.h"

#define OP_TOLERANCE 1e-8 // of the finite differences

static Tensor build_affine(Graph *g, const Tensor in[])
{
    return affine(g, in[0], in[1], in[2]);
}

static Tensor build_affine_without_bias(Graph *g, const Tensor in[])
{
    return affine(g, in[0], in[1], NULL);
}

/* One tensor read by two products and by itself: gradients must add up. */
static Tensor build_shared(Graph *g, const Tensor in[])
{
    return add(g, affine(g, in[0], in[1], NULL), affine(g, multiply(g, in[0], in[0]), in[1], NULL));
}

static Tensor build_add(Graph *g, const Tensor in[])
{
    return add(g, in[0], in[1]);
}

static Tensor build_multiply(Graph *g, const Tensor in[])
{
    return multiply(g, in[0], in[1]);
}

static Tensor build_sigmoid(Graph *g, const Tensor in[])
{
    return sigmoid(g, in[0]);
}

static Tensor build_relu(Graph *g, const Tensor in[])
{
    return relu(g, in[0]);
}

static Tensor build_leaky_relu(Graph *g, const Tensor in[])
{
    return leaky_relu(g, in[0], 0.2);
}

static Tensor build_mix_rows(Graph *g, const Tensor in[])
{
    return mix_rows(g, "mixup", in[0], 0.4);
}

static Tensor build_dropout(Graph *g, const Tensor in[])
{
    return dropout(g, "dropout", in[0], 0.4);
}

static Tensor build_softmax(Graph *g, const Tensor in[])
{
    return softmax(g, in[0]);
}

static Tensor build_l2_normalize(Graph *g, const Tensor in[])
{
    return l2_normalize(g, in[0]);
}

static Tensor build_columns(Graph *g, const Tensor in[])
{
    return concatenate(
        g, (Tensor[]){ columns(g, in[0], 1, 2), columns(g, in[0], 0, 3), columns(g, in[0], 4, 1) },
        3);
}

static Tensor build_reshape(Graph *g, const Tensor in[])
{
    Tensor x = reshape(g, in[0], 2, (size_t[]){ 2, 3 });
    return add(g, flatten(g, softmax(g, x)), in[0]);
}

static Tensor build_batch_norm(Graph *g, const Tensor in[])
{
    BatchNorm settings = { .epsilon = 1e-3, .momentum = 0.1 };
    return batch_norm(g, in[0], in[1], in[2], in[3], in[4], settings);
}

static Tensor build_mix_experts(Graph *g, const Tensor in[])
{
    return mix_experts(g, in[0], in[1]);
}

static Tensor build_logit_loss(Graph *g, const Tensor in[])
{
    return logit_cross_entropy(g, in[0], in[1], NULL);
}

static Tensor build_weighted_logit_loss(Graph *g, const Tensor in[])
{
    return logit_cross_entropy(g, in[0], in[1], in[2]);
}

static Tensor build_probability_loss(Graph *g, const Tensor in[])
{
    return probability_cross_entropy(g, in[0], in[1], in[2], 1e-5);
}

static Tensor build_soft_assignment(Graph *g, const Tensor in[])
{
    return soft_assignment(g, in[0], in[1]);
}

static Tensor build_aggregate(Graph *g, const Tensor in[])
{
    return aggregate(g, in[0], in[1], in[2]);
}

/* Which a device may run as one. */
static Tensor build_soft_aggregate(Graph *g, const Tensor in[])
{
    return aggregate(g, in[0], soft_assignment(g, in[1], in[3]), in[2]);
}

static Tensor build_soft_aggregate_expanded(Graph *g, const Tensor in[])
{
    return aggregate_expanded(g, in[0], soft_assignment(g, in[1], in[5]), in[2], in[3], in[4]);
}

/* Another reader of the matrix: gradients must add up. */
static Tensor build_split_columns(Graph *g, const Tensor in[])
{
    Tensor parts = reshape(g, split_columns(g, in[1], 2), 2, (size_t[]){ 6, 3 });
    return affine(g, affine(g, in[0], in[1], NULL), parts, NULL);
}

/* A product of parameters, and of a bias with them. */
static Tensor build_affine_of_parameters(Graph *g, const Tensor in[])
{
    return affine(g, in[0], affine(g, in[1], in[2], NULL), affine(g, in[3], in[2], in[4]));
}

static Tensor build_aggregate_expanded(Graph *g, const Tensor in[])
{
    return aggregate_expanded(g, in[0], in[1], in[2], in[3], in[4]);
}

/* Two readers of everything: gradients must add up. */
static Tensor build_aggregate_expanded_twice(Graph *g, const Tensor in[])
{
    Tensor first = aggregate_expanded(g, in[0], in[1], in[2], in[3], in[4]);
    Tensor w = multiply(g, in[1], in[1]), x = multiply(g, in[0], in[0]);
    return add(g, first, aggregate_expanded(g, x, w, in[2], in[3], in[4]));
}

/* Two readers of x and of the weights: gradients must add up. */
static Tensor build_aggregate_twice(Graph *g, const Tensor in[])
{
    Tensor s = soft_assignment(g, in[1], in[3]);
    Tensor first = aggregate(g, in[0], s, in[2]);
    return add(g, first, aggregate(g, multiply(g, in[0], in[0]), add(g, s, in[1]), in[2]));
}

static Tensor build_normalize_columns(Graph *g, const Tensor in[])
{
    return add(g, normalize_columns(g, in[0]), normalize_columns(g, multiply(g, in[0], in[0])));
}

static Tensor build_mean_by_video(Graph *g, const Tensor in[])
{
    return mean_by_video(g, in[0]);
}

static Tensor build_mix_logits(Graph *g, const Tensor in[])
{
    return mix_logits(g, in[0], in + 1, 3);
}

static Tensor build_divergence(Graph *g, const Tensor in[])
{
    return divergence(g, in[0], in[1], 3);
}

static Tensor build_dewhiten(Graph *g, const Tensor in[])
{
    return dewhiten(g, in[0], in[1]);
}

static Tensor build_gelu(Graph *g, const Tensor in[])
{
    return add(g, gelu(g, in[0]), gelu(g, multiply(g, in[0], in[0])));
}

static Tensor build_layer_norm(Graph *g, const Tensor in[])
{
    return layer_norm(g, "norm", in[0], NULL, in[1], in[2], (LayerNorm){ 1e-3, 0.4 });
}

/* Two readers of both parts: gradients must add up. */
static Tensor build_layer_norm_of_sum(Graph *g, const Tensor in[])
{
    Tensor y = layer_norm(g, "norm", in[0], in[1], in[2], in[3], (LayerNorm){ 1e-3, 0.4 });
    return add(g, layer_norm(g, "again", in[0], y, in[2], in[3], (LayerNorm){ 1e-3, 0 }), in[1]);
}

static Tensor build_attention(Graph *g, const Tensor in[])
{
    return attention(g, "attention", in[0], (Attention){ 2, 0 });
}

/* Two readers: gradients must add up. */
static Tensor build_attention_with_dropout(Graph *g, const Tensor in[])
{
    Tensor x = multiply(g, in[0], in[0]);
    return add(g, attention(g, "first", in[0], (Attention){ 3, 0.4 }),
               attention(g, "second", add(g, in[0], x), (Attention){ 1, 0.2 }));
}

static Tensor build_gru(Graph *g, const Tensor in[])
{
    return gru(g, in[0], in[1], in[2], in[3]);
}

/* Two layers, and two readers of everything: gradients must add up. */
static Tensor build_gru_twice(Graph *g, const Tensor in[])
{
    Tensor h = gru(g, in[0], in[1], in[2], in[3]);
    Tensor above = gru(g, concatenate(g, (Tensor[]){ h, in[1] }, 2), h, in[2], in[3]);
    return concatenate(g, (Tensor[]){ last_by_video(g, h), last_by_video(g, above) }, 2);
}

static Tensor build_leading_rows(Graph *g, const Tensor in[])
{
    return concatenate(g, (Tensor[]){ leading_rows(g, in[0], 1), leading_rows(g, in[0], 4) }, 2);
}

static Tensor build_last_by_video(Graph *g, const Tensor in[])
{
    return last_by_video(g, in[0]);
}

static Tensor build_weighted_mean_by_video(Graph *g, const Tensor in[])
{
    return weighted_mean_by_video(g, in[0], in[1], 0.7);
}

static const GradientCheck op_cases[] = {
    { { { ROWS_FRAMES, 1, { 5 }, -3, 3 } }, build_gelu, OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } },
        { ROWS_NONE, 1, { 10 }, 0.5, 1.5 },
        { ROWS_NONE, 1, { 10 } } },
      build_layer_norm,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 70 } },
        { ROWS_FRAMES, 1, { 70 } },
        { ROWS_NONE, 1, { 70 }, 0.5, 1.5 },
        { ROWS_NONE, 1, { 70 } } },
      build_layer_norm_of_sum,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 24 }, -2, 2 } }, build_attention, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 27 }, -2, 2 } }, build_attention_with_dropout, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_leading_rows, OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } } }, build_last_by_video, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 10 } },
        { ROWS_FRAMES, 1, { 5 } },
        { ROWS_NONE, 2, { 5, 10 } },
        { ROWS_NONE, 2, { 5, 5 } } },
      build_gru,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 42 } },
        { ROWS_FRAMES, 1, { 21 } },
        { ROWS_NONE, 2, { 21, 42 } },
        { ROWS_NONE, 2, { 21, 21 } } },
      build_gru_twice,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_FRAMES, 1, { 1 }, -3, 3 } },
      build_weighted_mean_by_video,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 3, 18 }, -3, 3 }, { ROWS_FRAMES, 1, { 3 }, -2, 2 } },
      build_soft_assignment,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } }, { ROWS_FRAMES, 2, { 2, 3 } }, { ROWS_NONE, 2, { 5, 3 } } },
      build_aggregate,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } },
        { ROWS_FRAMES, 2, { 2, 17 } },
        { ROWS_NONE, 2, { 5, 17 } },
        { ROWS_FRAMES, 1, { 2 } } },
      build_aggregate_twice,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } },
        { ROWS_FRAMES, 2, { 2, 17 }, -3, 3 },
        { ROWS_NONE, 2, { 5, 17 } },
        { ROWS_FRAMES, 1, { 2 }, -2, 2 } },
      build_soft_aggregate,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 4 } },
        { ROWS_FRAMES, 2, { 3, 2 }, -3, 3 },
        { ROWS_NONE, 3, { 3, 4, 5 } },
        { ROWS_NONE, 2, { 3, 5 } },
        { ROWS_NONE, 2, { 5, 2 } },
        { ROWS_FRAMES, 1, { 3 }, -2, 2 } },
      build_soft_aggregate_expanded,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 3 } }, { ROWS_NONE, 2, { 3, 6 } } },
      build_split_columns,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } },
        { ROWS_NONE, 2, { 5, 4 } },
        { ROWS_NONE, 2, { 4, 3 } },
        { ROWS_NONE, 1, { 4 } },
        { ROWS_NONE, 1, { 3 } } },
      build_affine_of_parameters,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 4 }, .without = "gradient" },
        { ROWS_FRAMES, 2, { 2, 3 } },
        { ROWS_NONE, 3, { 2, 4, 5 } },
        { ROWS_NONE, 2, { 2, 5 } },
        { ROWS_NONE, 2, { 5, 3 } } },
      build_aggregate_expanded,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 4 } },
        { ROWS_FRAMES, 2, { 3, 2 } },
        { ROWS_NONE, 3, { 3, 4, 5 } },
        { ROWS_NONE, 2, { 3, 5 } },
        { ROWS_NONE, 2, { 5, 2 } } },
      build_aggregate_expanded_twice,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 2, { 5, 3 } } }, build_normalize_columns, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_mean_by_video, OP_TOLERANCE },
    { { { ROWS_BATCH, 1, { 3 } },
        { ROWS_BATCH, 1, { 19 } },
        { ROWS_BATCH, 1, { 19 } },
        { ROWS_BATCH, 1, { 19 } } },
      build_mix_logits,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 1, { 19 }, -4, 4 }, { ROWS_BATCH, 1, { 19 }, -4, 4 } },
      build_divergence,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 70 } }, { ROWS_NONE, 1, { 70 }, 0.1, 9, .without = "training" } },
      build_dewhiten,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_NONE, 2, { 5, 3 } }, { ROWS_NONE, 1, { 3 } } },
      build_affine,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 2, { 2, 5 } }, { ROWS_NONE, 2, { 5, 3 } }, { ROWS_NONE, 1, { 3 } } },
      build_affine,
      OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_NONE, 2, { 5, 70 } } },
      build_affine_without_bias,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 1, { 5 } }, { ROWS_NONE, 2, { 5, 3 } } }, build_shared, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_FRAMES, 1, { 5 } } }, build_add, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_FRAMES, 1, { 5 } } }, build_multiply, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 }, -4, 4 } }, build_sigmoid, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_relu, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_leaky_relu, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 21 } } }, build_dropout, OP_TOLERANCE },
    { { { ROWS_BATCH, 1, { 5 } } }, build_mix_rows, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_mix_rows, OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 }, -3, 3 } }, build_softmax, OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } } }, build_l2_normalize, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_columns, OP_TOLERANCE },
    { { { ROWS_FRAMES, 1, { 6 } } }, build_reshape, OP_TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 35 } },
        { ROWS_NONE, 1, { 70 }, 0.5, 1.5 },
        { ROWS_NONE, 1, { 70 } },
        { ROWS_NONE, 1, { 70 }, .without = "training" },
        { ROWS_NONE, 1, { 70 }, 0.5, 1.5, .without = "training" } },
      build_batch_norm,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 2, { 6, 4 }, -2, 2 }, { ROWS_BATCH, 2, { 6, 3 }, -2, 2 } },
      build_mix_experts,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 1, { 7 }, -3, 3 }, { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" } },
      build_logit_loss,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 1, { 7 }, -3, 3 },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" } },
      build_weighted_logit_loss,
      OP_TOLERANCE },
    { { { ROWS_BATCH, 1, { 7 }, 0.1, 0.9 },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" } },
      build_probability_loss,
      OP_TOLERANCE },
};

#define OP_CASES (sizeof op_cases / sizeof *op_cases)

#endif
