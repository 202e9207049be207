#include "suite.h"
#include "gradient/gradient_check.h"
#include "models/layers/gating.h"
#include "models/layers/linear.h"
#include "models/layers/network.h"
#include "models/layers/normalization.h"

#include <stdlib.h>
#include <string.h>

#define BATCH 5
#define LABELS 9
#define FRAMES 11
#define WIDTH 16
#define CLASSES 7
#define TOLERANCE 2e-7 // a network is a long chain: rounding grows with its depth

typedef struct Data {
    const Network *network;
    real features[BATCH * WIDTH], scores[LABELS];
    uint8_t bytes[FRAMES * WIDTH];
    uint32_t classes[LABELS];
} Data;

static void bind(Plan *plan, void *context)
{
    static const uint32_t label_offsets[BATCH + 1] = { 0, 2, 2, 5, 8, 9 };
    static const uint32_t frame_offsets[BATCH + 1] = { 0, 3, 4, 8, 10, FRAMES };
    Data *data = context;
    const Network *n = data->network;
    Failure failure = { 0 };
    ck_assert(plan_bind_rows(plan, n->batch, BATCH, NULL, &failure));
    ck_assert(plan_bind_rows(plan, n->labels, LABELS, label_offsets, &failure));
    if (n->frames)
        ck_assert(plan_bind_rows(plan, n->frames, FRAMES, frame_offsets, &failure));
    plan_bind_input(plan, n->features, n->frames ? (void *)data->bytes : (void *)data->features);
    plan_bind_input(plan, n->label_classes, data->classes);
    plan_bind_input(plan, n->label_scores, data->scores);
}

static void fill_data(Data *data, const Network *network)
{
    real values[FRAMES * WIDTH];
    data->network = network;
    check_fill(data->features, BATCH * WIDTH, -1, 1, "features");
    check_fill(data->scores, LABELS, 0, 1, "scores");
    check_fill(values, FRAMES * WIDTH, 0, 255, "bytes");
    for (size_t i = 0; i < FRAMES * WIDTH; i++)
        data->bytes[i] = (uint8_t)values[i];
    for (size_t i = 0; i < LABELS; i++)
        data->classes[i] = (uint32_t)(i * 3 % CLASSES);
}

/*
 * Check a model, given the way a user gives it options; of rated segments: masked, and mixed up. By
 * `frames` of a video, as the model is told, it chooses its form; 0: it isn't told.
 */
static void check_network(const char *name, int argc, char *argv[], const char *loss, bool rated,
                          size_t frames)
{
    static Data data;
    Arena arena;
    Failure failure = { 0 };
    OptionValues values;
    Network network;
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    NetworkSpec spec = { .model = model_find(name),
                         .values = &values,
                         .features = { { { "mean_rgb", 11 }, { "mean_audio", 5 } }, 2, WIDTH } };
    ck_assert_msg(options_parse(&values, (const Option *[]){ spec.model->options, network_options },
                                2, argc, argv, &arena, &failure),
                  "%s", failure.message);
    network_spec_read(&spec, &values);
    spec.most_videos = BATCH;
    spec.most_frames = BATCH * frames;
    spec.classes = CLASSES;
    spec.loss = loss;
    spec.masked = rated;
    spec.mixup = rated ? 0.4 : 0;
    ck_assert_msg(network_build(&network, &spec, true, &arena, &failure), "%s", failure.message);
    fill_data(&data, &network);
    size_t second = network.frames ? FRAMES : LABELS; // the second axis
    check_graph_gradients(network.graph, (size_t[]){ BATCH, second, LABELS }, 12, TOLERANCE, bind,
                          &data, &arena);
    arena_close(&arena);
}

static void check_model(const char *name, int argc, char *argv[], const char *loss)
{
    check_network(name, argc, argv, loss, false, 0);
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

#define NEXTVLAD                                                                                   \
    "--clusters=4", "--groups=2", "--hidden=8", "--gate-reduction=4", "--l2=0.01", "--dropout=0.3"

START_TEST(nextvlad_matches_finite_differences)
{
    CHECK_MODEL("nextvlad", "auto", NEXTVLAD);
    check_network("nextvlad", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto", true, 0);
}
END_TEST

START_TEST(nextvlad_with_a_moved_expansion_matches_finite_differences)
{
    char *argv[] = { "test", NEXTVLAD, "--groups=4", "--expansion=4" };
    int argc = sizeof argv / sizeof *argv;
    check_network("nextvlad", argc, argv, "auto", false, 300);
    check_network("nextvlad", argc, argv, "auto", true, 300);
}
END_TEST

START_TEST(dewhitened_nextvlad_with_more_groups_matches_finite_differences)
{
    CHECK_MODEL("nextvlad", "auto", NEXTVLAD, "--groups=4", "--expansion=4",
                "--normalization=dewhiten");
}
END_TEST

START_TEST(a_mixture_of_nextvlads_matches_finite_differences)
{
    CHECK_MODEL("nextvlad", "auto", NEXTVLAD, "--mixture=3", "--temperature=2");
    check_network("nextvlad", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto", true, 0);
}
END_TEST

START_TEST(a_mixture_of_models_of_videos_matches_finite_differences)
{
    CHECK_MODEL("resnet-like", "auto", "--inner", "6", "--dropout", "0.3", "--mixture", "2");
}
END_TEST

START_TEST(bert_matches_finite_differences)
{
    CHECK_MODEL("bert", "auto", "--heads=4", "--feed-forward=6", "--dropout=0.3", "--experts=2",
                "--l2=0.01", "--gate-probabilities");
    check_network("bert", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto", true, 0);
}
END_TEST

START_TEST(bert_matches_finite_differences_with_every_aggregation)
{
#define BERT "--layers=1", "--heads=2", "--feed-forward=5", "--dropout=0.3", "--experts=1"
    CHECK_MODEL("bert", "auto", BERT, "--aggregation=attention");
    argv[sizeof argv / sizeof *argv - 2] = "--aggregation=first";
    check_model("bert", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto");
    argv[sizeof argv / sizeof *argv - 2] = "--aggregation=none";
    check_model("bert", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto");
}
END_TEST

/* The parts' widths, 11 and 5, have no divisor in common but 1. */
START_TEST(cross_modal_bert_matches_finite_differences)
{
    CHECK_MODEL("bert", "auto", "--cross-modal", "--heads=1", "--feed-forward=6", "--dropout=0.3",
                "--experts=2", "--aggregation=attention");
}
END_TEST

START_TEST(netvlad_matches_finite_differences)
{
    CHECK_MODEL("netvlad", "auto", "--clusters=4", "--hidden=8", "--experts=2", "--l2=0.01");
    check_network("netvlad", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto", true, 0);
}
END_TEST

START_TEST(gru_matches_finite_differences)
{
    CHECK_MODEL("gru", "auto", "--cells=9", "--hidden=8", "--gate-reduction=4", "--l2=0.01");
    check_network("gru", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto", true, 0);
    argv[1] = "--layers=1";
    check_model("gru", (int)(sizeof argv / sizeof *argv) - 1, argv, "auto");
}
END_TEST

/* ---- the layers that no model here uses ---- */

static Tensor build_context_gate(Graph *g, const Tensor in[])
{
    return context_gate(g, "gate", in[0], batch_norm_tensorflow);
}

static Tensor build_context_gate_without_batch_norm(Graph *g, const Tensor in[])
{
    return context_gate_without_batch_norm(g, "gate", in[0]);
}

static Tensor build_squeeze_context_gate(Graph *g, const Tensor in[])
{
    return squeeze_context_gate(g, "gate", in[0], 4, batch_norm_tensorflow);
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
                     gates_match_finite_differences, nextvlad_matches_finite_differences,
                     nextvlad_with_a_moved_expansion_matches_finite_differences,
                     dewhitened_nextvlad_with_more_groups_matches_finite_differences,
                     a_mixture_of_nextvlads_matches_finite_differences,
                     a_mixture_of_models_of_videos_matches_finite_differences,
                     resnet_like_with_uneven_towers_and_gated_logits_matches_finite_differences,
                     bert_matches_finite_differences,
                     bert_matches_finite_differences_with_every_aggregation,
                     cross_modal_bert_matches_finite_differences,
                     netvlad_matches_finite_differences, gru_matches_finite_differences);
}
