/* One training step: it learns, allocates nothing, and names what is not finite. */
#include "common/learn/learner.h"
#include "models/layers/network.h"

#include <math.h>
#include <string.h>

#include "suite.h"

#define VIDEOS 6
#define WIDTH 5
#define CLASSES 4

/* ---- allocations are counted: these stand before the C library's ---- */

static size_t allocations;

#ifndef __SANITIZE_ADDRESS__ // which stands there itself
extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
    __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
    return __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    __atomic_add_fetch(&allocations, 1, __ATOMIC_RELAXED);
    return __libc_realloc(memory, size);
}
#endif

/* ---- a small network and a batch of videos whose first feature says the class ---- */

typedef struct Bench {
    Arena arena;
    Failure failure;
    Device device;
    OptionValues values;
    Network network;
    Parameters parameters;
    Optimiser optimiser;
    Learner learner;
    float features[VIDEOS * WIDTH], label_score[VIDEOS];
    uint8_t frames[VIDEOS * WIDTH]; // the same as bytes, a frame a video
    uint32_t label_first[VIDEOS + 1], label_class[VIDEOS], row_first[VIDEOS + 1];
    Batch batch;
} Bench;

static void fill_batch(Bench *b)
{
    for (uint32_t i = 0; i < VIDEOS; i++) {
        uint32_t class = i % CLASSES;
        b->features[i * WIDTH + class] = 1;
        b->features[i * WIDTH + 4] = 0.1f * (float)i;
        memset(b->frames + (size_t)i * WIDTH, 128, WIDTH);
        b->frames[i * WIDTH + class] = 255;
        b->label_class[i] = class;
        b->label_score[i] = 1;
        b->label_first[i + 1] = b->row_first[i + 1] = i + 1;
    }
    b->batch = (Batch){ .count = VIDEOS,
                        .width = WIDTH,
                        .rows = VIDEOS,
                        .row_first = b->row_first,
                        .values = b->network.frames ? NULL : b->features,
                        .frames = b->network.frames ? b->frames : NULL,
                        .label_first = b->label_first,
                        .label_class = b->label_class,
                        .label_score = b->label_score };
}

static void make_plan(Bench *b)
{
    size_t axes[FEED_MOST_AXES];
    const Network *n = &b->network;
    Feed feed = { n->batch, n->frames, n->labels, n->features, n->label_classes, n->label_scores };
    feed_bounds(&feed, (LoaderBounds){ VIDEOS, VIDEOS, VIDEOS }, axes);
    Plan *plan = plan_create(n->graph, &b->device, axes, NULL, 0, true, &b->arena, &b->failure);
    ck_assert_msg(plan != NULL, "%s", b->failure.message);
    plan_bind_parameters(plan, b->parameters.value, b->parameters.gradient);
    b->learner = (Learner){ .feed = feed,
                            .plan = plan,
                            .parameters = &b->parameters,
                            .optimiser = &b->optimiser,
                            .seed = 3 };
}

static Bench *bench_of(const char *model)
{
    static Bench bench;
    Bench *b = &bench;
    *b = (Bench){ 0 };
    char *none[] = { "test", NULL }, *narrow[] = { "test", "--inner=16", NULL };
    char *few[] = { "test",        "--clusters=2",       "--groups=2",     "--expansion=2",
                    "--hidden=16", "--gate-reduction=4", "--dropout=0.25", NULL };
    bool is_resnet = strcmp(model, "resnet-like") == 0,
         is_nextvlad = strcmp(model, "nextvlad") == 0;
    char **argv = is_resnet ? narrow : is_nextvlad ? few : none;
    int argc = is_resnet ? 2 : is_nextvlad ? 7 : 1;
    NetworkSpec spec = { .model = model_find(model),
                         .values = &b->values,
                         .features = { { { "rgb", 3 }, { "audio", 2 } }, 2, WIDTH },
                         .normalization = "raw",
                         .dequantization = "starter",
                         .classes = CLASSES,
                         .loss = "auto",
                         .epsilon = 1e-5,
                         .reduction = "sum" };
    OptimiserSettings adam = { OPTIMISER_ADAM, CLIP_PER_VARIABLE, 1 };
    ck_assert(arena_open(&b->arena, (size_t)1 << 32, &b->failure));
    ck_assert(device_open_cpu(&b->device, &b->arena, &b->failure));
    ck_assert(options_parse(&b->values, (const Option *[]){ spec.model->options }, 1, argc, argv,
                            &b->arena, &b->failure));
    ck_assert_msg(
        network_build(&b->network, &spec, true, &b->arena, &b->failure)
            && parameters_create(&b->parameters, b->network.graph, &b->device, true, &b->arena,
                                 &b->failure)
            && parameters_initialise(&b->parameters, 1, b->arena, &b->failure)
            && optimiser_create(&b->optimiser, adam, &b->parameters, &b->arena, &b->failure),
        "%s", b->failure.message);
    fill_batch(b);
    make_plan(b);
    return b;
}

static double step(Bench *b, uint64_t number)
{
    double loss = NAN;
    ck_assert_msg(learner_step(&b->learner, &b->batch, 0.05, number, &loss, &b->failure), "%s",
                  b->failure.message);
    return loss;
}

START_TEST(every_model_learns_a_few_videos_by_heart)
{
    static const char *const names[] = { "logistic", "moe", "nextvlad", "resnet-like" };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        Bench *b = bench_of(names[i]);
        double first = step(b, 0), last = first;
        for (uint64_t number = 1; number < 60; number++)
            last = step(b, number);
        ck_assert_msg(last < first / 2, "%s: from %g to %g", names[i], first, last);
        plan_destroy(b->learner.plan);
        arena_close(&b->arena);
    }
}
END_TEST

static void allocates_nothing(const char *model)
{
    Bench *b = bench_of(model);
    step(b, 0); // threads begin
    size_t before = allocations;
    char *own = malloc(1);
#ifndef __SANITIZE_ADDRESS__
    ck_assert_uint_eq(allocations, before + 1); // the counter counts
#endif
    free(own);
    before = allocations;
    bool ok = true;
    double loss;
    for (uint64_t number = 1; number < 4; number++) // Check's assertions allocate
        ok = ok && learner_step(&b->learner, &b->batch, 0.05, number, &loss, &b->failure);
    size_t after = allocations;
    ck_assert(ok);
    ck_assert_uint_eq(after, before);
}

START_TEST(a_step_allocates_nothing)
{
    allocates_nothing("resnet-like");
}
END_TEST

START_TEST(a_step_on_frames_allocates_nothing)
{
    allocates_nothing("nextvlad");
}
END_TEST

START_TEST(a_parameter_that_is_not_finite_is_named_with_the_step)
{
    Bench *b = bench_of("logistic");
    double loss;
    b->parameters.value[0][1] = NAN;
    ck_assert(!learner_step(&b->learner, &b->batch, 0.1, 17, &loss, &b->failure));
    ck_assert_int_eq(b->failure.code, EX_DATAERR);
    ck_assert_msg(strstr(b->failure.message, "step 17: the loss is nan: the value of logistic/")
                      || strstr(b->failure.message, "step 17: the loss is -nan: the value of "),
                  "%s", b->failure.message);
}
END_TEST

START_TEST(features_that_are_not_finite_are_blamed_where_no_parameter_is)
{
    Bench *b = bench_of("logistic");
    double loss;
    real before = b->parameters.value[0][0];
    b->features[2] = INFINITY;
    ck_assert(!learner_step(&b->learner, &b->batch, 0.1, 2, &loss, &b->failure));
    ck_assert_int_eq(b->failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(b->failure.message, "step 2: "));
    ck_assert(b->parameters.value[0][0] == before);
}
END_TEST

START_TEST(frames_for_a_model_of_videos_are_refused)
{
    Bench *b = bench_of("logistic");
    double loss;
    b->batch.frames = (const uint8_t *)b->features;
    b->batch.values = NULL;
    ck_assert(!learner_step(&b->learner, &b->batch, 0.1, 0, &loss, &b->failure));
    ck_assert_str_eq(b->failure.message,
                     "the model reads means of videos; the features are frames; "
                     "index video-level shards");
}
END_TEST

int main(void)
{
    return RUN_SUITE("learner", every_model_learns_a_few_videos_by_heart, a_step_allocates_nothing,
                     a_step_on_frames_allocates_nothing,
                     a_parameter_that_is_not_finite_is_named_with_the_step,
                     features_that_are_not_finite_are_blamed_where_no_parameter_is,
                     frames_for_a_model_of_videos_are_refused);
}
