/*
 * train_step STEPS [profile]: time training steps of the ResNet-like model at its paper's size on
 * a batch of 256 videos that is in memory: normalise, forward, loss, backward, clip, Adam. Prints
 * the milliseconds of each step but the first two; what a step does is tests/bench/resnet_like_torch.py's
 * too.
 */
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/learn/learner.h"
#include "common/tensor/profile.h"
#include "models/layers/network.h"

#include <stdlib.h>
#include <string.h>

enum { BATCH = 256, LABELS = 3, CLASSES = 3862, WIDTH = 1152, THREADS = 2, WARM_UP = 2 };

typedef struct Bench {
    Arena arena;
    Device device;
    Network network;
    NetworkSpec spec;
    OptionValues values;
    Parameters parameters;
    Optimiser optimiser;
    Plan *plan;
    Batch batch;
} Bench;

/* A batch as a loader would hand it over: features like a video's means, three labels a video. */
static bool make_batch(Bench *bench, Failure *failure)
{
    float *values, *scores;
    uint32_t *first, *classes, words[4];
    PhiloxKey key = philox_key(1, "bench");
    Arena *arena = &bench->arena;
    if (!arena_array(arena, values, BATCH * WIDTH, failure)
        || !arena_array(arena, scores, BATCH * LABELS, failure)
        || !arena_array(arena, classes, BATCH * LABELS, failure)
        || !arena_array(arena, first, BATCH + 1, failure))
        return false;
    for (size_t i = 0; i < BATCH * WIDTH; i++) {
        philox(key, 0, i, words);
        values[i] = (float)philox_uniform(words[0]) - 0.5f;
    }
    for (size_t i = 0; i < BATCH * LABELS; i++) {
        philox(key, 1, i, words);
        classes[i] = words[0] % CLASSES;
        scores[i] = 1;
    }
    for (size_t i = 0; i <= BATCH; i++)
        first[i] = (uint32_t)(i * LABELS);
    bench->batch = (Batch){ .count = BATCH,
                            .width = WIDTH,
                            .rows = BATCH,
                            .values = values,
                            .label_first = first,
                            .label_class = classes,
                            .label_score = scores };
    return true;
}

static bool read_options(Bench *bench, Failure *failure)
{
    static char name[] = "train_step";
    char *const arguments[] = { name, NULL };
    const Model *model = model_find("resnet-like");
    const Option *tables[] = { model->options, network_options };
    if (!options_parse(&bench->values, tables, 2, 1, arguments, &bench->arena, failure)
        || !feature_specs_parse(&bench->spec.features, "mean_rgb:1024,mean_audio:128",
                                &bench->arena, failure))
        return false;
    bench->spec.model = model;
    bench->spec.values = &bench->values;
    network_spec_read(&bench->spec, &bench->values);
    return true;
}

static bool build(Bench *bench, Failure *failure)
{
    Arena *arena = &bench->arena;
    Network *network = &bench->network;
    OptimiserSettings adam = { OPTIMISER_ADAM_TORCH, CLIP_GLOBAL, 10 };
    Feed feed = { network->batch, network->frames, network->labels, NULL, NULL, NULL };
    size_t bounds[FEED_MOST_AXES];
    if (!network_build(network, &bench->spec, true, arena, failure)
        || !parameters_create(&bench->parameters, network->graph, &bench->device, true, arena,
                              failure)
        || !optimiser_create(&bench->optimiser, adam, &bench->parameters, arena, failure)
        || !parameters_initialise(&bench->parameters, 1, *arena, failure))
        return false;
    feed.batch = network->batch;
    feed.labels = network->labels;
    feed_bounds(&feed, (LoaderBounds){ BATCH, 0, BATCH * LABELS }, bounds);
    bench->plan =
        plan_create(network->graph, &bench->device, bounds, NULL, 0, true, arena, failure);
    if (bench->plan)
        plan_bind_parameters(bench->plan, bench->parameters.value, bench->parameters.gradient);
    return bench->plan != NULL;
}

static bool run(Bench *bench, size_t steps, bool profile, Failure *failure)
{
    const Network *network = &bench->network;
    Learner learner = { .feed = { network->batch, NULL, network->labels, network->features,
                                  network->label_classes, network->label_scores },
                        .plan = bench->plan,
                        .parameters = &bench->parameters,
                        .optimiser = &bench->optimiser,
                        .seed = 1 };
    double loss;
    for (size_t step = 0; step < WARM_UP + steps; step++) {
        double begun = progress_clock();
        if (!learner_step(&learner, &bench->batch, 1e-3, step, &loss, failure))
            return false;
        if (step >= WARM_UP)
            printf("%.1f\n", 1e3 * (progress_clock() - begun));
    }
    if (profile) {
        plan_profile(bench->plan, NULL, stderr);
        fprintf(stderr, "forward and backward %.3f s, clip and update %.3f s, %zu steps, %s\n",
                learner.run_seconds, learner.update_seconds, WARM_UP + steps,
                bench->device.numerics);
    }
    return true;
}

int main(int argc, char **argv)
{
    static Bench bench;
    Failure failure = { 0 };
    size_t steps = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    parallel_threads(THREADS);
    if (steps == 0)
        fail(&failure, EX_USAGE, "usage: train_step STEPS [profile]");
    else if (arena_open(&bench.arena, ARENA_LARGE, &failure)
             && device_open_cpu(&bench.device, &bench.arena, &failure)
             && make_batch(&bench, &failure) && read_options(&bench, &failure)
             && build(&bench, &failure))
        run(&bench, steps, argc > 2, &failure);
    plan_destroy(bench.plan);
    optimiser_destroy(&bench.optimiser);
    parameters_destroy(&bench.parameters);
    arena_close(&bench.arena);
    return failure_report(&failure, "train_step");
}
