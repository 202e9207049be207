/* predict: the scores of a trained model for every video of an index, or for every segment. */
#include "common/artifact/artifact.h"
#include "common/learn/checkpoint.h"
#include "common/learn/predictor.h"
#include "common/learn/source.h"
#include "common/data/vocabulary.h"
#include "models/layers/stored_network.h"

#include <string.h>

static const Option options[] = {
    { "checkpoint", OPTION_TEXT, NULL, "the trained model", OPTION_INPUT, .required = true },
    { "index", OPTION_TEXT, NULL, "index of the videos", OPTION_INPUT, .required = true },
    { "split", OPTION_TEXT, NULL, "the part of the index to score", OPTION_INPUT },
    { "data", OPTION_TEXT, NULL, "folder of the dataset (default: where `index` found it)",
      OPTION_VOLATILE },
    { "samples", OPTION_CHOICE, "videos", "what is scored: whole videos, or their 5-frame segments",
      .choices = "videos|segments" },
    { "classes", OPTION_TEXT, NULL, "segment_label_ids.csv: the classes to keep (default: all)",
      OPTION_INPUT },
    { "batch-size", OPTION_SIZE, "512", "videos or segments scored at once, about", .minimum = 1,
      .maximum = 1048576 },
    { 0 },
};

static const Manual manual = { "predict", "Score every video, or segment, with a trained model.",
                               NULL, options };

/* Everything that a run holds. */
typedef struct Run {
    Stage *stage;
    SafetensorsReader checkpoint;
    bool has_checkpoint;
    NetworkSpec spec;
    Network network;
    Device device;
    Source source;
    Parameters parameters;
    Predictor predictor;
} Run;

static const char *text_of(const Run *r, const char *name)
{
    return option_text(&r->stage->values, name);
}

static bool open_checkpoint(Run *r, Failure *failure)
{
    Arena *arena = &r->stage->arena;
    r->has_checkpoint =
        checkpoint_open(&r->checkpoint, text_of(r, "checkpoint"), CHECKPOINT_KIND, arena, failure);
    return r->has_checkpoint && network_spec_recall(&r->spec, &r->checkpoint, arena, failure);
}

/* What decides the result besides options and inputs. */
static bool complete_key(Run *r, Failure *failure)
{
    const char *unit = network_unit(&r->spec, &r->stage->arena, failure);
    return unit && stage_uses(r->stage, unit, failure)
        && device_open_cpu(&r->device, &r->stage->arena, failure)
        && stage_field(r->stage, "numerics", r->device.numerics, failure);
}

#define SEGMENTS_A_VIDEO ((size_t)60) // at most

static void set_loader(Run *r)
{
    LoaderSettings *loader = &r->predictor.loader;
    size_t batch = option_size(&r->stage->values, "batch-size");
    bool segments = strcmp(text_of(r, "samples"), "segments") == 0;
    if (segments)
        batch = (batch + SEGMENTS_A_VIDEO - 1) / SEGMENTS_A_VIDEO;
    *loader = source_videos(&r->source, 1, &r->spec.features, batch, 0);
    loader->unit = segments ? LOAD_ALL_SEGMENTS : LOAD_VIDEOS;
}

/* The columns of --classes, each of which the model must have. */
static bool keep_classes(Run *r, Failure *failure)
{
    Predictor *p = &r->predictor;
    const char *path = text_of(r, "classes");
    uint32_t *classes;
    if (!path)
        return true;
    if (!segment_classes_read(&classes, &p->class_count, path, &r->stage->arena, failure))
        return false;
    p->classes = classes;
    return p->class_count == 0 || classes[p->class_count - 1] < r->spec.classes
        || fail(failure, EX_DATAERR, "%s: class %u, and the model has %zu classes", path,
                classes[p->class_count - 1], r->spec.classes);
}

static bool make_plan(Run *r, Failure *failure)
{
    Predictor *p = &r->predictor;
    const Network *n = &r->network;
    size_t bounds[FEED_MOST_AXES];
    *p = (Predictor){ .feed = { .batch = n->batch, .frames = n->frames, .features = n->features },
                      .probabilities = n->prediction.probabilities };
    p->what = arena_format(&r->stage->arena, failure, "predict %s", r->spec.model->name);
    set_loader(r);
    if (!keep_classes(r, failure))
        return false;
    feed_bounds(&p->feed, loader_bounds(&p->loader), bounds);
    p->plan = plan_create(n->graph, &r->device, bounds, &p->probabilities, 1, false,
                          &r->stage->arena, failure);
    if (p->plan)
        plan_bind_parameters(p->plan, r->parameters.value, NULL);
    return p->plan != NULL;
}

static bool build(Run *r, Failure *failure)
{
    Arena *arena = &r->stage->arena;
    return source_open(&r->source, text_of(r, "index"), text_of(r, "split"), text_of(r, "data"),
                       arena, failure)
        && network_build(&r->network, &r->spec, false, arena, failure)
        && parameters_create(&r->parameters, r->network.graph, &r->device, false, arena, failure)
        && checkpoint_load(&r->checkpoint, &r->parameters, failure) && make_plan(r, failure);
}

static bool write_predictions(Run *r, Artifact *output, Failure *failure)
{
    Arena scratch = r->stage->arena;
    SafetensorsWriter writer = safetensors_writer(&scratch);
    return predictor_run(&r->predictor, &writer, &output->file, failure);
}

static void close_run(Run *r)
{
    plan_destroy(r->predictor.plan);
    parameters_destroy(&r->parameters);
    source_close(&r->source);
    if (r->has_checkpoint)
        safetensors_close(&r->checkpoint);
}

static bool predict(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Run r = { .stage = &stage };
    Artifact output = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure) && open_checkpoint(&r, failure)
        && complete_key(&r, failure) && artifact_create(&output, &stage, PREDICTIONS_KIND, failure)
        && build(&r, failure) && write_predictions(&r, &output, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    close_run(&r);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return predict(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
