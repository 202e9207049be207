#include "tests/bench/help/model_bench.h"
#include "common/base/parallel.h"

#include <string.h>

enum { LABELS = 3, WIDTH = 1152 };

static const Option bench_options[] = {
    { "form", OPTION_CHOICE, "chosen",
      "of the model: chosen by the size of the batch; plain, whatever that costs; told: chosen on "
      "a "
      "GPU too",
      .choices = "chosen|plain|told" },
    { "threads", OPTION_SIZE, "0", "of the CPU; 0: as many as there are cores", .maximum = 1024 },
    DEVICE_OPTIONS,
    { 0 },
};

/* ---- a batch as a loader would hand it over ---- */

/* Bytes of frames, or numbers like a video's means. */
static bool make_features(ModelBench *bench, Failure *failure)
{
    Batch *batch = &bench->batch;
    PhiloxKey key = philox_key(1, "bench");
    size_t elements = batch->rows * WIDTH;
    uint32_t words[4];
    uint8_t *frames;
    float *values;
    if (bench->spec.model->level == MODEL_OF_FRAMES) {
        if (!arena_array(&bench->arena, frames, elements, failure))
            return false;
        for (size_t i = 0; i < elements; i += 4) {
            philox(key, 0, i, words);
            memcpy(frames + i, words, 4);
        }
        batch->frames = frames;
        return true;
    }
    if (!arena_array(&bench->arena, values, elements, failure))
        return false;
    for (size_t i = 0; i < elements; i++) {
        philox(key, 0, i, words);
        values[i] = (float)philox_uniform(words[0]) - 0.5f;
    }
    batch->values = values;
    return true;
}

static bool make_labels(ModelBench *bench, Failure *failure)
{
    Arena *arena = &bench->arena;
    PhiloxKey key = philox_key(1, "bench");
    size_t videos = bench->videos;
    float *scores;
    uint32_t *first, *row_first, *classes, words[4];
    if (!arena_array(arena, scores, videos * LABELS, failure)
        || !arena_array(arena, classes, videos * LABELS, failure)
        || !arena_array(arena, first, videos + 1, failure)
        || !arena_array(arena, row_first, videos + 1, failure))
        return false;
    for (size_t i = 0; i < videos * LABELS; i++) {
        philox(key, 1, i, words);
        classes[i] = words[0] % (uint32_t)bench->spec.classes;
        scores[i] = 1;
    }
    for (size_t i = 0; i <= videos; i++) {
        first[i] = (uint32_t)(i * LABELS);
        row_first[i] = (uint32_t)(i * bench->frames);
    }
    bench->batch.row_first = row_first;
    bench->batch.label_first = first;
    bench->batch.label_class = classes;
    bench->batch.label_score = scores;
    return true;
}

static bool make_batch(ModelBench *bench, Failure *failure)
{
    if (bench->spec.model->level == MODEL_OF_VIDEOS)
        bench->frames = 1;
    bench->batch =
        (Batch){ .count = bench->videos, .width = WIDTH, .rows = bench->videos * bench->frames };
    return make_features(bench, failure) && make_labels(bench, failure);
}

/* ---- the model ---- */

static bool read_options(ModelBench *bench, const char *name, int count, const char *const words[],
                         Failure *failure)
{
    const char **all; // the first word is a program's name
    const Model *model = model_find(name);
    const Option *tables[] = { model ? model->options : NULL, network_options, bench_options };
    if (!model)
        return fail(failure, EX_USAGE, "%s: there is no such model", name);
    if (!arena_array(&bench->arena, all, (size_t)count + 1, failure))
        return false;
    all[0] = name;
    for (int i = 0; i < count; i++)
        all[i + 1] = words[i];
    const char *features =
        model->level == MODEL_OF_FRAMES ? "rgb:1024,audio:128" : "mean_rgb:1024,mean_audio:128";
    if (!options_parse(&bench->values, tables, 3, count + 1, (char *const *)all, &bench->arena,
                       failure)
        || !feature_specs_parse(&bench->spec.features, features, &bench->arena, failure))
        return false;
    bench->spec.model = model;
    bench->spec.values = &bench->values;
    network_spec_read(&bench->spec, &bench->values);
    parallel_threads(option_size(&bench->values, "threads"));
    return true;
}

static Feed feed_of(const Network *n)
{
    return (Feed){ n->batch, n->frames, n->labels, n->features, n->label_classes, n->label_scores };
}

/* What the model may choose its form by. */
static void tell_bounds(ModelBench *bench, LoaderBounds most)
{
    const char *form = option_text(&bench->values, "form");
    if (strcmp(form, "chosen") == 0)
        network_spec_bounds(&bench->spec, &bench->device, most);
    if (strcmp(form, "told") == 0) {
        bench->spec.most_videos = most.samples;
        bench->spec.most_frames = most.rows;
    }
}

static bool plan(ModelBench *bench, LoaderBounds most, Failure *failure)
{
    Feed feed = feed_of(&bench->network);
    size_t bounds[FEED_MOST_AXES];
    const Tensor *outputs = &bench->network.prediction.probabilities;
    feed_bounds(&feed, most, bounds);
    bench->plan = plan_create(bench->network.graph, &bench->device, bounds, outputs,
                              bench->inference, !bench->inference, &bench->arena, failure);
    if (bench->plan)
        plan_bind_parameters(bench->plan, bench->parameters.value, bench->parameters.gradient);
    return bench->plan != NULL;
}

static bool build(ModelBench *bench, Failure *failure)
{
    Arena *arena = &bench->arena;
    OptimiserSettings adam = { OPTIMISER_ADAM, CLIP_PER_VARIABLE, 1 };
    LoaderBounds most = { bench->videos, bench->batch.rows, bench->videos * LABELS };
    bool training = !bench->inference;
    tell_bounds(bench, most);
    return network_build(&bench->network, &bench->spec, training, arena, failure)
        && parameters_create(&bench->parameters, bench->network.graph, &bench->device, training,
                             arena, failure)
        && (!training
            || optimiser_create(&bench->optimiser, adam, &bench->parameters, arena, failure))
        && parameters_initialise(&bench->parameters, 1, *arena, failure)
        && plan(bench, most, failure);
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

bool model_bench_infer(const ModelBench *bench, size_t batch, Failure *failure)
{
    Feed feed = feed_of(&bench->network);
    const real *scores;
    size_t before = !bench->device.is_host;
    if (!feed_bind(&feed, bench->plan, &bench->batch, failure))
        return false;
    plan_run(bench->plan, &(PlanRun){ 0 });
    if (before && batch == 0)
        return true;
    return plan_output_of(bench->plan, bench->network.prediction.probabilities, before, &scores,
                          failure)
        && (scores[0] >= 0 || fail(failure, EX_SOFTWARE, "a score of %g", (double)scores[0]));
}
