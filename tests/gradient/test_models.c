#include "suite.h"
#include "gradient/gradient_check.h"
#include "models/layers/gating.h"
#include "models/layers/linear.h"
#include "models/layers/network.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 5
#define LABELS 9
#define CLASSES 7
#define TOLERANCE 2e-7 // a network is a long chain: rounding grows with its depth

typedef struct Data {
    const Network *network;
    real features[BATCH * 16], scores[LABELS];
    uint32_t classes[LABELS];
} Data;

static void bind(Plan *plan, void *context)
{
    static const uint32_t offsets[BATCH + 1] = { 0, 2, 2, 5, 8, 9 };
    Data *data = context;
    Failure failure = { 0 };
    ck_assert(plan_bind_rows(plan, data->network->batch, BATCH, NULL, &failure));
    ck_assert(plan_bind_rows(plan, data->network->labels, LABELS, offsets, &failure));
    plan_bind_input(plan, data->network->features, data->features);
    plan_bind_input(plan, data->network->label_classes, data->classes);
    plan_bind_input(plan, data->network->label_scores, data->scores);
}

/* Check a model of videos, given the way a user gives it options. */
static void check_model(const char *name, int argc, char *argv[], const char *loss)
{
    Arena arena;
    Failure failure = { 0 };
    OptionValues values;
    Network network;
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    NetworkSpec spec = { .model = model_find(name),
                         .values = &values,
                         .features = { { { "mean_rgb", 11 }, { "mean_audio", 5 } }, 2, 16 },
                         .normalization = "l2",
                         .dequantization = "starter",
                         .classes = CLASSES,
                         .loss = loss,
                         .epsilon = 1e-5,
                         .reduction = "sum" };
    ck_assert(options_parse(&values, (const Option *[]){ spec.model->options }, 1, argc, argv,
                            &arena, &failure));
    ck_assert_msg(network_build(&network, &spec, true, &arena, &failure), "%s", failure.message);
    Data data = { .network = &network };
    check_fill(data.features, BATCH * 16, -1, 1, "features");
    check_fill(data.scores, LABELS, 0, 1, "scores");
    for (size_t i = 0; i < LABELS; i++)
        data.classes[i] = (uint32_t)(i * 3 % CLASSES);
    check_graph_gradients(network.graph, (size_t[]){ BATCH, LABELS }, 12, TOLERANCE, bind, &data,
                          &arena);
    arena_close(&arena);
}

#define CHECK_MODEL(name, loss, ...)                                                               \
    char *argv[] = { "test", __VA_ARGS__, NULL };                                                  \
    check_model(name, (int)(sizeof argv / sizeof *argv) - 1, argv, loss)

START_TEST(logistic_matches_finite_differences_with_both_losses)
{
    CHECK_MODEL("logistic", "logits", "--l2", "0.01");
    check_model("logistic", 1, argv, "probabilities");
}
END_TEST

START_TEST(moe_matches_finite_differences)
{
    CHECK_MODEL("moe", "probabilities", "--experts", "3", "--l2", "0.01");
}
END_TEST

START_TEST(resnet_like_matches_finite_differences)
{
    CHECK_MODEL("resnet-like", "auto", "--inner", "6", "--tower-blocks", "1", "--joint-blocks", "2",
                "--dropout", "0.3");
}
END_TEST

START_TEST(resnet_like_with_uneven_towers_and_gated_logits_matches_finite_differences)
{
    CHECK_MODEL("resnet-like", "auto", "--inner", "8", "--video-part", "10", "--audio-part", "6",
                "--gated", "--dropout", "0");
}
END_TEST

/* ---- the layers that no model here uses ---- */

static Tensor build_context_gate(Graph *g, const Tensor in[])
{
    return context_gate(g, "gate", in[0]);
}

static Tensor build_context_gate_without_batch_norm(Graph *g, const Tensor in[])
{
    return context_gate_without_batch_norm(g, "gate", in[0]);
}

static Tensor build_squeeze_context_gate(Graph *g, const Tensor in[])
{
    return squeeze_context_gate(g, "gate", in[0], 4);
}

START_TEST(gates_match_finite_differences)
{
    check_gradients((GradientCheck){ { { ROWS_BATCH, 1, { 8 } } }, build_context_gate, 1e-8 });
    check_gradients((GradientCheck){
        { { ROWS_BATCH, 1, { 8 } } }, build_context_gate_without_batch_norm, 1e-8 });
    check_gradients(
        (GradientCheck){ { { ROWS_BATCH, 1, { 8 } } }, build_squeeze_context_gate, 1e-8 });
}
END_TEST

int main(void)
{
    return RUN_SUITE("gradients of models", logistic_matches_finite_differences_with_both_losses,
                     moe_matches_finite_differences, resnet_like_matches_finite_differences,
                     gates_match_finite_differences,
                     resnet_like_with_uneven_towers_and_gated_logits_matches_finite_differences);
}
