/* predict: the scores of a trained model for every video of an index, or for every segment. */
#include "common/artifact/artifact.h"
#include "common/learn/source.h"
#include "common/tensor/load.h"
#include "common/data/vocabulary.h"
#include "models/layers/scorer.h"

#include <string.h>

static const Option options[] = {
    { "checkpoint", OPTION_TEXT, NULL, "the trained model", OPTION_INPUT, .required = true },
    { "index", OPTION_TEXT, NULL, "index of the videos", OPTION_INPUT, .required = true },
    { "split", OPTION_TEXT, NULL, "the part of the index to score", OPTION_INPUT },
    { "data", OPTION_TEXT, NULL, "folder of the dataset (default: where `index` found it)",
      OPTION_VOLATILE },
    { "samples", OPTION_CHOICE, "videos", "what is scored: whole videos, or their 5-frame segments",
      .choices = "videos|segments" },
    { "shift", OPTION_TEXT, "0:0",
      "A:B: scores of segments are means over displacements by A to B frames, such as -1:1; a "
      "video's "
      "first and last frame stand for those beyond them" },
    { "classes", OPTION_TEXT, NULL, "segment_label_ids.csv: the classes to keep (default: all)",
      OPTION_INPUT },
    { "batch-size", OPTION_SIZE, "512", "videos or segments scored at once, about", .minimum = 1,
      .maximum = 1048576 },
    DEVICE_OPTIONS,
    { 0 },
};

static const Manual manual = { "predict", "Score every video, or segment, with a trained model.",
                               NULL, options };

/* Everything that a run holds. */
typedef struct Run {
    Stage *stage;
    Scorer scorer;
    Source source;
} Run;

static const char *text_of(const Run *r, const char *name)
{
    return option_text(&r->stage->values, name);
}

#define SEGMENTS_A_VIDEO ((size_t)60) // at most

static bool scores_segments(const Run *r)
{
    return strcmp(text_of(r, "samples"), "segments") == 0;
}

static bool set_shifts(Run *r, Failure *failure)
{
    Shifts *shifts = &r->scorer.predictor.shifts;
    if (!shifts_parse(shifts, text_of(r, "shift"), failure))
        return false;
    return !shifts_any(*shifts) || scores_segments(r)
        || fail(failure, EX_USAGE, "--shift is for --samples segments");
}

/* Batches are as large whatever the number of shifts. */
static void set_loader(Run *r)
{
    LoaderSettings *loader = &r->scorer.predictor.loader;
    size_t batch = option_size(&r->stage->values, "batch-size");
    size_t samples = SEGMENTS_A_VIDEO * shifts_count(r->scorer.predictor.shifts);
    bool segments = scores_segments(r);
    if (segments)
        batch = (batch + samples - 1) / samples;
    *loader = source_videos(&r->source, 1, &r->scorer.spec.features, batch, 0);
    loader->unit = segments ? LOAD_ALL_SEGMENTS : LOAD_VIDEOS;
}

/* The columns of --classes, each of which the model must have. */
static bool keep_classes(Run *r, Failure *failure)
{
    Predictor *p = &r->scorer.predictor;
    const char *path = text_of(r, "classes");
    size_t classes = r->scorer.spec.classes;
    uint32_t *kept;
    if (!path)
        return true;
    if (!segment_classes_read(&kept, &p->class_count, path, &r->stage->arena, failure))
        return false;
    p->classes = kept;
    return kept[p->class_count - 1] < classes
        || fail(failure, EX_DATAERR, "%s: class %u, and the model has %zu classes", path,
                kept[p->class_count - 1], classes);
}

static bool build(Run *r, Failure *failure)
{
    if (!source_open(&r->source, text_of(r, "index"), text_of(r, "split"), text_of(r, "data"),
                     &r->stage->arena, failure))
        return false;
    set_loader(r);
    return keep_classes(r, failure) && scorer_build(&r->scorer, r->stage, failure);
}

static bool write_predictions(Run *r, Artifact *output, Failure *failure)
{
    Arena scratch = r->stage->arena;
    SafetensorsWriter writer = safetensors_writer(&scratch);
    return predictor_run(&r->scorer.predictor, &writer, &output->file, failure);
}

static bool predict(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Run r = { .stage = &stage };
    Artifact output = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure) && set_shifts(&r, failure)
        && scorer_open(&r.scorer, &stage, text_of(&r, "checkpoint"), failure)
        && artifact_create(&output, &stage, PREDICTIONS_KIND, failure) && build(&r, failure)
        && write_predictions(&r, &output, failure) && source_stayed(&r.source, stage.arena, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    scorer_close(&r.scorer);
    source_close(&r.source);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return predict(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
