#include "suite.h"
#include "models/layers/gating.h"
#include "models/layers/network.h"
#include "models/layers/normalization.h"
#include "common/tensor/plan.h"

#include <stdlib.h>
#include <string.h>

/*
 * The trained parameters of a model on the dataset's 1024 + 128 features. The graph alone is built: no
 * parameter has memory.
 */
static size_t total_parameters(const char *name, int argc, char *argv[])
{
    Arena arena;
    Failure failure = { 0 };
    OptionValues values;
    Network network;
    size_t total = 0;
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    NetworkSpec spec = { .model = model_find(name),
                         .values = &values,
                         .features = { { { "rgb", 1024 }, { "audio", 128 } }, 2, 1152 } };
    ck_assert_msg(options_parse(&values, (const Option *[]){ spec.model->options, network_options },
                                2, argc, argv, &arena, &failure),
                  "%s", failure.message);
    network_spec_read(&spec, &values);
    ck_assert_msg(network_build(&network, &spec, true, &arena, &failure), "%s", failure.message);
    for (size_t i = 0; i < graph_parameter_count(network.graph); i++) {
        ParameterSlot slot = graph_parameter(network.graph, i);
        total += slot.trained ? shape_elements(slot.shape) : 0;
    }
    arena_close(&arena);
    return total;
}

#define TOTAL(name, ...)                                                                           \
    total_parameters(name, (int)(sizeof(char *[]){ "", __VA_ARGS__ } / sizeof(char *)),            \
                     (char *[]){ "", __VA_ARGS__, NULL })

/* Expected totals: spec/models 11.1, 14.1 and 19; MoE by its formula in 3.2. */
START_TEST(parameter_totals_are_those_of_the_specification)
{
    ck_assert_uint_eq(TOTAL("logistic", "--l2", "1e-8"), 4452886);
    ck_assert_uint_eq(TOTAL("moe", "--experts", "2"), 1152 * 3862 * 5 + 3862 * 2);
    ck_assert_uint_eq(TOTAL("moe", "--experts", "5"), 1152 * 3862 * 11 + 3862 * 5);
    ck_assert_uint_eq(TOTAL("resnet-like", "--dropout", "0.5"), 52260630);
    ck_assert_uint_eq(TOTAL("resnet-like", "--tower-blocks", "4", "--joint-blocks", "4"),
                      153003798);
    ck_assert_uint_eq(TOTAL("resnet-like", "--tower-blocks", "5", "--joint-blocks", "5"),
                      186584854);
    ck_assert_uint_eq(TOTAL("resnet-like", "--inner", "1024"), 15646486);
}
END_TEST

/* Expected totals: spec/models 5.1 and 19; league 6.1 for the small ones. */
START_TEST(nextvlads_and_its_mixtures_totals_are_those_of_the_specification)
{
#define MEMBER "--clusters=112", "--gate-reduction=16"
#define SMALL "--clusters=16", "--groups=4", "--expansion=1", "--hidden=256", "--classes=60"
    ck_assert_uint_eq(TOTAL("nextvlad", "--dropout=0.5"), 88889378);
    ck_assert_uint_eq(TOTAL("nextvlad", MEMBER), 78643170);
    ck_assert_uint_eq(TOTAL("nextvlad", MEMBER, "--mixture=3"), 235935273);
    ck_assert_uint_eq(TOTAL("nextvlad", "--clusters=64", "--hidden=1024"), 26384930);
    ck_assert_uint_eq(TOTAL("nextvlad", SMALL), 2364066);
    ck_assert_uint_eq(TOTAL("nextvlad", SMALL, "--mixture=3"), 7097961);
    ck_assert_uint_eq(TOTAL("resnet-like", "--mixture=3"), 156787653);
}
END_TEST

/* Expected totals: spec/models 10.5 and 19; of the encoders alone, less the experts of 3.2. */
START_TEST(berts_totals_are_those_of_the_specification)
{
#define EXPERTS(width, count) ((width)*3862 * (2 * (count) + 1) + 3862 * (count))
#define CROSS "--cross-modal", "--heads=8"
    ck_assert_uint_eq(TOTAL("bert", "--aggregation=mean"), 73758062);
    ck_assert_uint_eq(TOTAL("bert", "--aggregation=first"), 73758062);
    ck_assert_uint_eq(TOTAL("bert", "--heads=12") - EXPERTS(1152, 5), 24799488);
    ck_assert_uint_eq(TOTAL("bert", "--experts=2"), 47052332);
    ck_assert_uint_eq(TOTAL("bert", "--layers=3"), 86157806);
    ck_assert_uint_eq(TOTAL("bert", "--layers=3") - EXPERTS(1152, 5), 37199232);
    ck_assert_uint_eq(TOTAL("bert", CROSS, "--aggregation=attention"), 72713710);
    ck_assert_uint_eq(TOTAL("bert", CROSS) - EXPERTS(1152, 5), 23753984);
    ck_assert_uint_eq(TOTAL("bert", "--aggregation=none"), 269515118);
    ck_assert_uint_eq(TOTAL("bert", "--gate-probabilities"), 73758062 + 14915044 + 7724);
}
END_TEST

/* Expected totals: spec/models 5.2 and 19. */
START_TEST(netvlads_totals_are_those_of_the_specification)
{
    ck_assert_uint_eq(TOTAL("netvlad", "--clusters=16"), 77358254);
    ck_assert_uint_eq(TOTAL("netvlad", "--experts=2"), 53618540);
    ck_assert_uint_eq(TOTAL("netvlad", "--clusters=256", "--experts=2"), 321528380);
}
END_TEST

/* Expected totals: spec/models 9.3; a single one is a third of its mixture without the gate. */
START_TEST(grus_totals_are_those_of_the_specification)
{
    ck_assert_uint_eq(TOTAL("gru", "--mixture=3"), 76861125);
    ck_assert_uint_eq(TOTAL("gru", "--mixture=3", "--cells=1200"), 91420197);
    ck_assert_uint_eq(TOTAL("gru", "--dropout=0.5"), (76861125 - 5763) / 3);
}
END_TEST

/* spec/models 3.5: 2 H^2 / r + 2 H / r */
START_TEST(the_squeeze_gates_totals_are_those_of_the_specification)
{
    Arena arena;
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    for (size_t reduction = 8; reduction <= 16; reduction *= 2) {
        size_t total = 0;
        Graph *g = graph_create(&arena, &failure);
        const Rows *batch = graph_rows(g, "batch", NULL);
        squeeze_context_gate(g, "gate", input(g, "x", TYPE_REAL, shape_rows(batch, 2048)),
                             reduction, batch_norm_tensorflow);
        for (size_t i = 0; i < graph_parameter_count(g); i++)
            total +=
                graph_parameter(g, i).trained ? shape_elements(graph_parameter(g, i).shape) : 0;
        ck_assert_uint_eq(total, reduction == 8 ? 1049088 : 524544);
    }
    arena_close(&arena);
}
END_TEST

START_TEST(a_model_that_does_not_fit_says_why)
{
    Arena arena;
    Failure failure = { 0 };
    OptionValues values;
    Network network;
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    NetworkSpec spec = { .model = model_find("resnet-like"),
                         .values = &values,
                         .features = { { { "mean_rgb", 1024 } }, 1, 1024 },
                         .normalization = "l2",
                         .dequantization = "starter",
                         .classes = 10,
                         .loss = "auto",
                         .reduction = "sum" };
    ck_assert(options_parse(&values, (const Option *[]){ spec.model->options }, 1, 1,
                            (char *[]){ "", NULL }, &arena, &failure));
    ck_assert(!network_build(&network, &spec, false, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_CONFIG);
    ck_assert_str_eq(failure.message,
                     "resnet-like takes two features, rgb and audio; the dataset has 1");
    arena_close(&arena);
}
END_TEST

START_TEST(an_op_that_does_not_fit_names_itself_and_all_shapes)
{
    Arena arena;
    Failure failure = { 0 };
    ck_assert(arena_open(&arena, ARENA_LARGE, &failure));
    Graph *g = graph_create(&arena, &failure);
    const Rows *batch = graph_rows(g, "batch", NULL);
    Tensor x = input(g, "x", TYPE_REAL, shape_rows(batch, 8));
    Tensor y = input(g, "y", TYPE_REAL, shape_rows(batch, 9));
    flatten(g, add(scope(g, "tower"), x, y)); // what follows a refusal does nothing
    ck_assert(!graph_finish(g, &failure));
    ck_assert_str_eq(failure.message,
                     "tower/add: [batch, 8] and [batch, 9]: the shapes must be equal");
    arena_close(&arena);
}
END_TEST

int main(void)
{
    return RUN_SUITE(
        "models", parameter_totals_are_those_of_the_specification,
        nextvlads_and_its_mixtures_totals_are_those_of_the_specification,
        berts_totals_are_those_of_the_specification, netvlads_totals_are_those_of_the_specification,
        grus_totals_are_those_of_the_specification,
        the_squeeze_gates_totals_are_those_of_the_specification, a_model_that_does_not_fit_says_why,
        an_op_that_does_not_fit_names_itself_and_all_shapes);
}
