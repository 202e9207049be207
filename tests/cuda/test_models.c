/* Every model on CUDA against the CPU: training steps of several sizes, then predictions. */
#include "cuda/parity.h"
#include "common/learn/learner.h"
#include "gradient/gradient_check.h"
#include "models/layers/network.h"

#define BATCH 6
#define LABELS 11
#define FRAMES 90
#define WIDTH 16
#define CLASSES 7
#define SEED 5
#define STEPS 14
#define RATE 1e-3
/*
 * Of losses and probabilities after some steps: an update divides a gradient by its own size, so where one
 * is nothing but rounding (a bias before batch normalisation), so is the step.
 */
#define AFTER_STEPS 2e-3
/* Of losses where factors are rounded: batch normalisation of six videos magnifies it. */
#define BF16_LOSS 0.05

typedef struct ModelCase {
    const char *name;
    bool rated; // masked, and mixed up
    char *options[12];
    size_t frames; // of a video, as the model is told
    size_t part;   // samples that are run at once; 0: a whole batch
} ModelCase;

#define NEXTVLAD                                                                                   \
    "--clusters=4", "--groups=2", "--hidden=8", "--gate-reduction=4", "--l2=0.01", "--dropout=0.3"

#define BERT "--layers=2", "--feed-forward=10", "--dropout=0.3", "--experts=2", "--l2=0.01"

static const ModelCase model_cases[] = {
    { "logistic", false, { "--l2=0.01" } },
    { "moe", false, { "--experts=3", "--l2=0.01" } },
    { "resnet-like",
      false,
      { "--inner=6", "--tower-blocks=1", "--joint-blocks=2", "--dropout=0.3", "--mixture=2" } },
    { "nextvlad", false, { NEXTVLAD, "--groups=4", "--expansion=4", "--normalization=dewhiten" } },
    { "nextvlad", false, { NEXTVLAD, "--groups=4", "--expansion=4" }, 300 },
    { "nextvlad", true, { NEXTVLAD, "--mixture=3", "--temperature=2" } },
    { "moe", false, { "--experts=3", "--l2=0.01" }, .part = 2 },
    { "nextvlad", true, { NEXTVLAD, "--groups=4", "--expansion=4" }, 300, .part = 4 },
    { "bert", false, { BERT, "--heads=4", "--aggregation=none", "--gate-probabilities" } },
    { "bert", true, { BERT, "--cross-modal", "--heads=1", "--aggregation=attention" } },
    { "gru", true, { "--cells=9", "--hidden=8", "--gate-reduction=4" } },
    { "netvlad", false, { "--clusters=4", "--hidden=8", "--experts=2", "--l2=0.01" } },
};

#define MODEL_CASES (sizeof model_cases / sizeof *model_cases)

/* Data of all steps: the same memory for all, of which a step takes more or less. */
typedef struct Data {
    float features[BATCH * WIDTH], scores[LABELS];
    uint8_t bytes[FRAMES * WIDTH];
    uint32_t classes[LABELS];
} Data;

typedef struct Side {
    Device *device;
    Network network;
    Parameters parameters;
    Optimiser optimiser;
    Learner learner;
    Plan *inference;
} Side;

static void fill_data(Data *data)
{
    float values[FRAMES * WIDTH];
    check_fill(data->features, BATCH * WIDTH, -1, 1, "features");
    check_fill(data->scores, LABELS, 0, 1, "scores");
    check_fill(values, FRAMES * WIDTH, 0, 255, "bytes");
    for (size_t i = 0; i < FRAMES * WIDTH; i++)
        data->bytes[i] = (uint8_t)values[i];
    for (size_t i = 0; i < LABELS; i++)
        data->classes[i] = (uint32_t)(i * 3 % CLASSES);
}

/* Two steps of every video, then two of fewer: each size comes often enough to be repeated. */
static Batch batch_of(const Data *data, bool frames, size_t step)
{
    static const uint32_t frame_first[2][BATCH + 1] = { { 0, 5, 6, 40, 41, 80, FRAMES },
                                                        { 0, 20, 21, 24, 30 } };
    static const uint32_t label_first[2][BATCH + 1] = { { 0, 2, 2, 5, 8, 9, LABELS },
                                                        { 0, 1, 3, 4, 4 } };
    size_t size = step / 2 % 2, count = size ? 4 : BATCH;
    return (Batch){ .count = count,
                    .width = WIDTH,
                    .rows = frames ? frame_first[size][count] : count,
                    .row_first = frame_first[size],
                    .frames = frames ? data->bytes : NULL,
                    .values = frames ? NULL : data->features,
                    .label_first = label_first[size],
                    .label_class = data->classes,
                    .label_score = data->scores };
}

static Feed feed_of(const Network *n)
{
    return (Feed){ n->batch, n->frames, n->labels, n->features, n->label_classes, n->label_scores };
}

/* The network of a case; the features are named as files of its level name them. */
static void build_network(Network *network, const ModelCase *of, Arena *arena)
{
    static const float eigenvalues[11] = { 3, 2.5f, 2, 1.5f, 1, 1, 0.5f, 0.5f, 0.2f, 0.1f, 0.1f };
    OptionValues *values;
    Failure failure = { 0 };
    char *argv[16] = { "test" };
    int argc = 1;
    for (size_t i = 0; of->options[i]; i++)
        argv[argc++] = of->options[i];
    ck_assert(arena_array(arena, values, 1, &failure));
    NetworkSpec spec = { .model = model_find(of->name),
                         .values = values,
                         .features = { { { "mean_rgb", 11 }, { "mean_audio", 5 } }, 2, WIDTH } };
    ck_assert_msg(options_parse(values, (const Option *[]){ spec.model->options, network_options },
                                2, argc, argv, arena, &failure),
                  "%s", failure.message);
    network_spec_read(&spec, values);
    spec.most_videos = BATCH;
    spec.most_frames = BATCH * of->frames;
    spec.classes = CLASSES;
    spec.masked = of->rated;
    spec.mixup = of->rated ? 0.4 : 0;
    spec.eigenvalues = eigenvalues;
    spec.eigenvalue_count = 11;
    ck_assert_msg(network_build(network, &spec, true, arena, &failure), "%s", failure.message);
}

static void open_side(Side *side, Device *device, const ModelCase *of, Arena *arena)
{
    Failure failure = { 0 };
    OptimiserSettings adam = { OPTIMISER_ADAM, of->rated ? CLIP_GLOBAL : CLIP_PER_VARIABLE, 1 };
    *side = (Side){ .device = device };
    Network *n = &side->network;
    build_network(n, of, arena);
    if (of->part && graph_slice_of(n->graph))
        graph_slice(n->graph, of->part);
    size_t bounds[FEED_MOST_AXES];
    Feed feed = feed_of(n);
    feed_bounds(&feed, (LoaderBounds){ BATCH + 2, FRAMES + 9, LABELS + 3 }, bounds);
    Tensor output = n->prediction.probabilities;
    ck_assert_msg(
        parameters_create(&side->parameters, n->graph, device, true, arena, &failure)
            && parameters_initialise(&side->parameters, SEED, *arena, &failure)
            && optimiser_create(&side->optimiser, adam, &side->parameters, arena, &failure),
        "%s", failure.message);
    side->learner = (Learner){ .feed = feed,
                               .parameters = &side->parameters,
                               .optimiser = &side->optimiser,
                               .seed = SEED,
                               .part = of->part };
    side->learner.plan = plan_create(n->graph, device, bounds, NULL, 0, true, arena, &failure);
    side->inference = plan_create(n->graph, device, bounds, &output, 1, false, arena, &failure);
    ck_assert_msg(side->learner.plan && side->inference, "%s", failure.message);
    plan_bind_parameters(side->learner.plan, side->parameters.value, side->parameters.gradient);
    plan_bind_parameters(side->inference, side->parameters.value, NULL);
}

static void close_side(Side *side)
{
    plan_destroy(side->learner.plan);
    plan_destroy(side->inference);
    optimiser_destroy(&side->optimiser);
    parameters_destroy(&side->parameters);
}

/* Train, with a step under way while the next one is begun; the losses of all. */
static void train(Side *side, const Data *data, double losses[STEPS])
{
    Failure failure = { 0 };
    size_t ended = 0;
    for (size_t step = 0; step < STEPS; step++) {
        Batch batch = batch_of(data, side->network.frames != NULL, step);
        ck_assert_msg(learner_begin(&side->learner, &batch, RATE, step, &failure), "%s",
                      failure.message);
        if (side->learner.begun_count == LEARNER_AHEAD)
            ck_assert_msg(learner_end(&side->learner, &losses[ended++], &failure), "%s",
                          failure.message);
    }
    while (side->learner.begun_count)
        ck_assert_msg(learner_end(&side->learner, &losses[ended++], &failure), "%s",
                      failure.message);
    ck_assert_uint_eq(ended, STEPS);
}

/* Probabilities of the last of some runs. */
static const float *predict(Side *side, const Data *data, size_t size)
{
    Failure failure = { 0 };
    Batch batch = batch_of(data, side->network.frames != NULL, 2 * size);
    for (size_t run = 0; run < 5; run++) {
        ck_assert(feed_bind(&side->learner.feed, side->inference, &batch, &failure));
        plan_run(side->inference, &(PlanRun){ 0 });
    }
    return plan_output(side->inference, side->network.prediction.probabilities);
}

static void compare_gradients(Side *cuda, Side *cpu, const Data *data, Arena *arena)
{
    Side *sides[] = { cuda, cpu };
    Failure failure = { 0 };
    Batch batch = batch_of(data, cpu->network.frames != NULL, 0);
    double loss[2];
    for (size_t i = 0; i < 2; i++) {
        Plan *plan = sides[i]->learner.plan;
        ck_assert(feed_bind(&sides[i]->learner.feed, plan, &batch, &failure));
        plan_forward(plan, SEED, 0);
        loss[i] = plan_loss(plan);
        plan_backward(plan);
    }
    ck_assert_double_eq_tol(loss[0], loss[1], PARITY * fabs(loss[1]));
    for (size_t i = 0; i < cpu->parameters.count; i++) {
        const Parameters *p = &cpu->parameters;
        if (p->slot[i].trained)
            parity_compare(
                p->slot[i].name,
                parity_fetch(cuda->device, cuda->parameters.gradient[i], p->elements[i], arena),
                p->gradient[i], p->elements[i], 4 * PARITY); // a long chain
    }
}

START_TEST(a_model_on_cuda_agrees_with_the_cpu)
{
    static Data data;
    double expected[STEPS], losses[STEPS];
    Arena arena;
    Device on_cpu, on_cuda;
    Side cpu, cuda;
    parity_open(&on_cpu, &on_cuda, &arena);
    fill_data(&data);
    open_side(&cpu, &on_cpu, &model_cases[_i], &arena);
    open_side(&cuda, &on_cuda, &model_cases[_i], &arena);
    compare_gradients(&cuda, &cpu, &data, &arena);
    train(&cpu, &data, expected);
    train(&cuda, &data, losses);
    for (size_t step = 0; step < STEPS; step++)
        ck_assert_double_eq_tol(losses[step], expected[step], AFTER_STEPS * fabs(expected[step]));
    for (size_t size = 0; size < 2; size++)
        parity_compare("probabilities", predict(&cuda, &data, size), predict(&cpu, &data, size),
                       (size ? 4 : BATCH) * CLASSES, AFTER_STEPS);
    close_side(&cpu);
    close_side(&cuda);
    parity_close(&on_cuda, &arena);
}
END_TEST

START_TEST(training_twice_on_cuda_gives_the_same_bits)
{
    static Data data;
    Arena arena;
    Device on_cpu, on_cuda;
    Side sides[2];
    double losses[2][STEPS];
    parity_open(&on_cpu, &on_cuda, &arena);
    fill_data(&data);
    for (size_t i = 0; i < 2; i++) {
        parity_order(i);
        open_side(&sides[i], &on_cuda, &model_cases[_i], &arena);
        train(&sides[i], &data, losses[i]);
    }
    ck_assert_mem_eq(losses[0], losses[1], sizeof losses[0]);
    for (size_t i = 0; i < sides[0].parameters.count; i++) {
        size_t n = sides[0].parameters.elements[i];
        const float *first = parity_fetch(&on_cuda, sides[0].parameters.value[i], n, &arena);
        const float *second = parity_fetch(&on_cuda, sides[1].parameters.value[i], n, &arena);
        ck_assert_msg(memcmp(first, second, n * sizeof *first) == 0, "%s differs",
                      sides[0].parameters.slot[i].name);
    }
    close_side(&sides[0]);
    close_side(&sides[1]);
    parity_close(&on_cuda, &arena);
}
END_TEST

/* Products read rounded copies of parameters, which the update keeps as the parameters are. */
START_TEST(parameters_that_are_uploaded_again_after_each_step_change_no_bit_in_bf16)
{
    static Data data;
    Arena arena;
    Device on_cpu, on_cuda;
    Side sides[2];
    double losses[2][STEPS], expected[STEPS];
    Failure failure = { 0 };
    parity_open_in(PRECISION_BF16, &on_cpu, &on_cuda, &arena);
    fill_data(&data);
    for (size_t i = 0; i < 2; i++)
        open_side(&sides[i], &on_cuda, &model_cases[_i], &arena);
    train(&sides[0], &data, losses[0]);
    const Parameters *p = &sides[1].parameters;
    for (size_t step = 0; step < STEPS; step++) {
        Batch batch = batch_of(&data, sides[1].network.frames != NULL, step);
        ck_assert_msg(
            learner_step(&sides[1].learner, &batch, RATE, step, &losses[1][step], &failure), "%s",
            failure.message);
        for (size_t i = 0; i < p->count; i++)
            on_cuda.upload(&on_cuda, p->value[i],
                           parity_fetch(&on_cuda, p->value[i], p->elements[i], &arena),
                           p->elements[i] * sizeof(real));
    }
    ck_assert_mem_eq(losses[0], losses[1], sizeof losses[0]);
    close_side(&sides[0]);
    open_side(&sides[0], &on_cpu, &model_cases[_i], &arena);
    train(&sides[0], &data, expected);
    for (size_t step = 0; step < STEPS; step++)
        ck_assert_double_eq_tol(losses[0][step], expected[step], BF16_LOSS * expected[step]);
    close_side(&sides[0]);
    close_side(&sides[1]);
    parity_close(&on_cuda, &arena);
}
END_TEST

START_TEST(a_step_that_goes_wrong_changes_nothing_and_names_the_step)
{
    static Data data, damaged;
    Arena arena;
    Device on_cpu, on_cuda;
    Side side;
    double losses[STEPS], loss;
    Failure failure = { 0 };
    parity_open(&on_cpu, &on_cuda, &arena);
    fill_data(&data);
    damaged = data;
    damaged.scores[0] = NAN;
    open_side(&side, &on_cuda, &model_cases[0], &arena);
    train(&side, &data, losses);
    const Parameters *p = &side.parameters;
    const float *before = parity_fetch(&on_cuda, p->value[0], p->elements[0], &arena);
    Batch bad = batch_of(&damaged, false, 0), good = batch_of(&data, false, 0);
    ck_assert(learner_begin(&side.learner, &bad, RATE, STEPS, &failure)
              && learner_begin(&side.learner, &good, RATE, STEPS + 1, &failure));
    ck_assert(!learner_end(&side.learner, &loss, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_msg(strstr(failure.message, "step 14: the loss is nan") != NULL, "%s",
                  failure.message);
    const float *after = parity_fetch(&on_cuda, p->value[0], p->elements[0], &arena);
    ck_assert_mem_eq(before, after, p->elements[0] * sizeof *before);
    close_side(&side);
    parity_close(&on_cuda, &arena);
}
END_TEST

START_TEST(every_model_is_among_the_cases)
{
    for (const Model *const *model = models; *model; model++) {
        bool found = false;
        for (size_t i = 0; i < MODEL_CASES; i++)
            found = found || strcmp(model_cases[i].name, (*model)->name) == 0;
        ck_assert_msg(found, "%s is not", (*model)->name);
    }
}
END_TEST

static int run(void)
{
    TCase *cases = tcase_create("models");
    tcase_add_loop_test(cases, a_model_on_cuda_agrees_with_the_cpu, 0, (int)MODEL_CASES);
    tcase_add_loop_test(cases, training_twice_on_cuda_gives_the_same_bits, 0, (int)MODEL_CASES);
    tcase_add_loop_test(cases,
                        parameters_that_are_uploaded_again_after_each_step_change_no_bit_in_bf16, 0,
                        (int)MODEL_CASES);
    tcase_add_test(cases, a_step_that_goes_wrong_changes_nothing_and_names_the_step);
    tcase_add_test(cases, every_model_is_among_the_cases);
    return run_case("models on CUDA", cases);
}

int main(int argc, char *argv[])
{
    return parity_main(argc, argv, run);
}
