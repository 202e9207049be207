#include "gradient/gradient_check.h"

#include <check.h>
#include <stdlib.h>

#define TOLERANCE 1e-8

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

static const GradientCheck checks[] = {
    { { { ROWS_FRAMES, 2, { 3, 18 }, -3, 3 }, { ROWS_FRAMES, 1, { 3 }, -2, 2 } },
      build_soft_assignment,
      TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } }, { ROWS_FRAMES, 2, { 2, 3 } }, { ROWS_NONE, 2, { 5, 3 } } },
      build_aggregate,
      TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } },
        { ROWS_FRAMES, 2, { 2, 17 } },
        { ROWS_NONE, 2, { 5, 17 } },
        { ROWS_FRAMES, 1, { 2 } } },
      build_aggregate_twice,
      TOLERANCE },
    { { { ROWS_BATCH, 2, { 5, 3 } } }, build_normalize_columns, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_mean_by_video, TOLERANCE },
    { { { ROWS_BATCH, 1, { 3 } },
        { ROWS_BATCH, 1, { 19 } },
        { ROWS_BATCH, 1, { 19 } },
        { ROWS_BATCH, 1, { 19 } } },
      build_mix_logits,
      TOLERANCE },
    { { { ROWS_BATCH, 1, { 19 }, -4, 4 }, { ROWS_BATCH, 1, { 19 }, -4, 4 } },
      build_divergence,
      TOLERANCE },
    { { { ROWS_FRAMES, 1, { 70 } }, { ROWS_NONE, 1, { 70 }, 0.1, 9, .without = "training" } },
      build_dewhiten,
      TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_NONE, 2, { 5, 3 } }, { ROWS_NONE, 1, { 3 } } },
      build_affine,
      TOLERANCE },
    { { { ROWS_BATCH, 2, { 2, 5 } }, { ROWS_NONE, 2, { 5, 3 } }, { ROWS_NONE, 1, { 3 } } },
      build_affine,
      TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_NONE, 2, { 5, 70 } } },
      build_affine_without_bias,
      TOLERANCE },
    { { { ROWS_BATCH, 1, { 5 } }, { ROWS_NONE, 2, { 5, 3 } } }, build_shared, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_FRAMES, 1, { 5 } } }, build_add, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } }, { ROWS_FRAMES, 1, { 5 } } }, build_multiply, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 }, -4, 4 } }, build_sigmoid, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_relu, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_leaky_relu, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 21 } } }, build_dropout, TOLERANCE },
    { { { ROWS_BATCH, 1, { 5 } } }, build_mix_rows, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_mix_rows, TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 }, -3, 3 } }, build_softmax, TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 5 } } }, build_l2_normalize, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 5 } } }, build_columns, TOLERANCE },
    { { { ROWS_FRAMES, 1, { 6 } } }, build_reshape, TOLERANCE },
    { { { ROWS_FRAMES, 2, { 2, 35 } },
        { ROWS_NONE, 1, { 70 }, 0.5, 1.5 },
        { ROWS_NONE, 1, { 70 } },
        { ROWS_NONE, 1, { 70 }, .without = "training" },
        { ROWS_NONE, 1, { 70 }, 0.5, 1.5, .without = "training" } },
      build_batch_norm,
      TOLERANCE },
    { { { ROWS_BATCH, 2, { 6, 4 }, -2, 2 }, { ROWS_BATCH, 2, { 6, 3 }, -2, 2 } },
      build_mix_experts,
      TOLERANCE },
    { { { ROWS_BATCH, 1, { 7 }, -3, 3 }, { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" } },
      build_logit_loss,
      TOLERANCE },
    { { { ROWS_BATCH, 1, { 7 }, -3, 3 },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" } },
      build_weighted_logit_loss,
      TOLERANCE },
    { { { ROWS_BATCH, 1, { 7 }, 0.1, 0.9 },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" },
        { ROWS_BATCH, 1, { 7 }, 0, 1, "gradient" } },
      build_probability_loss,
      TOLERANCE },
};

START_TEST(an_op_matches_finite_differences)
{
    check_gradients(checks[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gradients of ops");
    TCase *cases = tcase_create("ops");
    tcase_add_loop_test(cases, an_op_matches_finite_differences, 0,
                        (int)(sizeof checks / sizeof *checks));
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
