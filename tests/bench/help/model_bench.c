#include "tests/bench/help/model_bench.h"

#include <string.h>

enum { LABELS = 3, WIDTH = 1152 };

static const Option device_options[] = { DEVICE_OPTIONS, { 0 } };

/* A batch as a loader would hand it over. */
static bool make_batch(ModelBench *bench, Failure *failure)
{
    uint8_t *frames;
    float *scores;
    uint32_t *first, *row_first, *classes, words[4];
    PhiloxKey key = philox_key(1, "bench");
    Arena *arena = &bench->arena;
    size_t videos = bench->videos, rows = videos * bench->frames;
    if (!arena_array(arena, frames, rows * WIDTH, failure)
        || !arena_array(arena, scores, videos * LABELS, failure)
        || !arena_array(arena, classes, videos * LABELS, failure)
        || !arena_array(arena, first, videos + 1, failure)
        || !arena_array(arena, row_first, videos + 1, failure))
        return false;
    for (size_t i = 0; i < rows * WIDTH; i += 4) {
        philox(key, 0, i, words);
        memcpy(frames + i, words, 4);
    }
    for (size_t i = 0; i < videos * LABELS; i++) {
        philox(key, 1, i, words);
        classes[i] = words[0] % (uint32_t)bench->spec.classes;
        scores[i] = 1;
    }
    for (size_t i = 0; i <= videos; i++) {
        first[i] = (uint32_t)(i * LABELS);
        row_first[i] = (uint32_t)(i * bench->frames);
    }
    bench->batch = (Batch){ .count = videos,
                            .width = WIDTH,
                            .rows = rows,
                            .row_first = row_first,
                            .frames = frames,
                            .label_first = first,
                            .label_class = classes,
                            .label_score = scores };
    return true;
}

static bool read_options(ModelBench *bench, const char *name, int count, const char *const words[],
                         Failure *failure)
{
    const char **all; // the first word is a program's name
    const Model *model = model_find(name);
    const Option *tables[] = { model ? model->options : NULL, network_options, device_options };
    if (!model)
        return fail(failure, EX_USAGE, "%s: there is no such model", name);
    if (!arena_array(&bench->arena, all, (size_t)count + 1, failure))
        return false;
    all[0] = name;
    for (int i = 0; i < count; i++)
        all[i + 1] = words[i];
    if (!options_parse(&bench->values, tables, 3, count + 1, (char *const *)all, &bench->arena,
                       failure)
        || !feature_specs_parse(&bench->spec.features, "rgb:1024,audio:128", &bench->arena,
                                failure))
        return false;
    bench->spec.model = model;
    bench->spec.values = &bench->values;
    network_spec_read(&bench->spec, &bench->values);
    return true;
}

static Feed feed_of(const Network *n)
{
    return (Feed){ n->batch, n->frames, n->labels, n->features, n->label_classes, n->label_scores };
}

static bool build(ModelBench *bench, Failure *failure)
{
    Arena *arena = &bench->arena;
    Network *network = &bench->network;
    OptimiserSettings adam = { OPTIMISER_ADAM, CLIP_PER_VARIABLE, 1 };
    LoaderBounds most = { bench->videos, bench->videos * bench->frames, bench->videos * LABELS };
    size_t bounds[FEED_MOST_AXES];
    if (!bench->plain)
        network_spec_bounds(&bench->spec, &bench->device, most);
    if (bench->told) {
        bench->spec.most_videos = most.samples;
        bench->spec.most_frames = most.rows;
    }
    if (!network_build(network, &bench->spec, true, arena, failure)
        || !parameters_create(&bench->parameters, network->graph, &bench->device, true, arena,
                              failure)
        || !optimiser_create(&bench->optimiser, adam, &bench->parameters, arena, failure)
        || !parameters_initialise(&bench->parameters, 1, *arena, failure))
        return false;
    Feed feed = feed_of(network);
    feed_bounds(&feed, most, bounds);
    bench->plan =
        plan_create(network->graph, &bench->device, bounds, NULL, 0, true, arena, failure);
    if (bench->plan)
        plan_bind_parameters(bench->plan, bench->parameters.value, bench->parameters.gradient);
    return bench->plan != NULL;
}

bool model_bench_open(ModelBench *bench, const char *model, int count, const char *const words[],
                      size_t videos, size_t frames, Failure *failure)
{
    bench->videos = videos;
    bench->frames = frames;
    return arena_open(&bench->arena, ARENA_LARGE, failure)
        && read_options(bench, model, count, words, failure)
        && device_open(&bench->device, &bench->values, model, &bench->arena, failure)
        && device_begin(&bench->device, failure) && make_batch(bench, failure)
        && build(bench, failure);
}

void model_bench_close(ModelBench *bench)
{
    plan_destroy(bench->plan);
    optimiser_destroy(&bench->optimiser);
    parameters_destroy(&bench->parameters);
    device_close(&bench->device);
    arena_close(&bench->arena);
}

Learner model_bench_learner(ModelBench *bench)
{
    return (Learner){ .feed = feed_of(&bench->network),
                      .plan = bench->plan,
                      .parameters = &bench->parameters,
                      .optimiser = &bench->optimiser,
                      .seed = 1 };
}

bool model_bench_step(const ModelBench *bench, Learner *learner, uint64_t step, Failure *failure)
{
    double loss;
    if (!learner_begin(learner, &bench->batch, 2e-4, step, failure))
        return false;
    while (learner->begun_count > (bench->device.is_host ? 0 : 1))
        if (!learner_end(learner, &loss, failure))
            return false;
    return true;
}

bool model_bench_settle(Learner *learner, Failure *failure)
{
    double loss;
    while (learner->begun_count)
        if (!learner_end(learner, &loss, failure))
            return false;
    return true;
}
