/*
 * softlabel: segments of machine-labelled videos, with a model's probabilities as their labels.
 *
 * The set is drawn from the index alone; only what was drawn is scored.
 */
#include "common/base/philox.h"
#include "common/data/vocabulary.h"
#include "common/learn/soft_shards.h"
#include "common/learn/source.h"
#include "common/tensor/load.h"
#include "models/layers/scorer.h"

#include <stdio.h>
#include <string.h>

static const Option options[] = {
    { "checkpoint", OPTION_TEXT, NULL, "the trained model", OPTION_INPUT, .required = true },
    { "index", OPTION_TEXT, NULL, "index of the videos", OPTION_INPUT, .required = true },
    { "split", OPTION_TEXT, NULL, "the part of the index to draw from", OPTION_INPUT },
    { "data", OPTION_TEXT, NULL, "folder of the dataset (default: where `index` found it)",
      OPTION_VOLATILE },
    { "set", OPTION_CHOICE, "equal",
      "original: every segment that was drawn; equal: as many of these for each class",
      .choices = "original|equal" },
    { "segments-per-label", OPTION_SIZE, "2", "segments drawn for each label of a video",
      .minimum = 1, .maximum = 60 },
    { "classes", OPTION_TEXT, NULL, "equal: segment_label_ids.csv, the classes to draw for",
      OPTION_INPUT },
    { "per-class", OPTION_SIZE, "1000", "equal: segments drawn for each class", .minimum = 1,
      .maximum = 10000000 },
    { "repeat", OPTION_FLAG, "0", "equal: a class with fewer segments has them again, in turn" },
    { "allow-empty", OPTION_FLAG, "0", "equal: leave out classes without a single segment" },
    { "seed", OPTION_SIZE, "0", "of the draws" },
    { "draw", OPTION_SIZE, "0",
      "which of the draws under this seed: each has segments of its own" },
    { "shards", OPTION_SIZE, "0", "shards to write; 0: of about 25 MB each", .maximum = 100000 },
    { "batch-size", OPTION_SIZE, "512", "segments scored at once", .minimum = 1,
      .maximum = 1048576 },
    DEVICE_OPTIONS,
    { 0 },
};

static const Manual manual = { "softlabel", "Label segments of videos with a model's scores.", NULL,
                               options };

/* Everything that a run holds. */
typedef struct Run {
    Stage *stage;
    Scorer scorer;
    Source source;
    SegmentDraw draw;
} Run;

static const char *text_of(const Run *r, const char *name)
{
    return option_text(&r->stage->values, name);
}

/* A seed for this draw alone. */
static uint64_t seed_of_draw(const OptionValues *values)
{
    char purpose[64];
    snprintf(purpose, sizeof purpose, "soft-labels/draw/%zu", option_size(values, "draw"));
    PhiloxKey key = philox_key(option_size(values, "seed"), purpose);
    return (uint64_t)key.word[1] << 32 | key.word[0];
}

static bool make_equal(Run *r, const LoaderSource *source, Failure *failure)
{
    const OptionValues *values = &r->stage->values;
    EqualSet set = { .per_class = option_size(values, "per-class"),
                     .repeat = option_flag(values, "repeat"),
                     .allow_empty = option_flag(values, "allow-empty"),
                     .seed = seed_of_draw(values) };
    const char *path = text_of(r, "classes");
    uint32_t *classes;
    if (!path)
        return fail(failure, EX_USAGE, "--set equal needs --classes; see --help");
    if (!segment_classes_read(&classes, &set.class_count, path, &r->stage->arena, failure))
        return false;
    set.classes = classes;
    if (!segments_equalise(&r->draw, source, &set, r->stage->arena, failure))
        return false;
    if (set.empty)
        fprintf(stderr, "softlabel: %zu of %zu classes have no segment and are left out\n",
                set.empty, set.class_count);
    return true;
}

/* A record has room for so many segments; repetitions beyond them are left out, and counted. */
static void fit_records(SegmentDraw *drawn)
{
    uint64_t left_out = segments_fit(drawn, SOFT_RECORD_SEGMENTS);
    if (left_out)
        fprintf(stderr, "softlabel: %llu repetitions beyond %zu segments of a video are left out\n",
                (unsigned long long)left_out, SOFT_RECORD_SEGMENTS);
}

static bool draw(Run *r, Failure *failure)
{
    const OptionValues *values = &r->stage->values;
    LoaderSettings *loader = &r->scorer.predictor.loader;
    if (!source_open(&r->source, text_of(r, "index"), text_of(r, "split"), text_of(r, "data"),
                     &r->stage->arena, failure))
        return false;
    *loader = source_videos(&r->source, 1, &r->scorer.spec.features,
                            option_size(values, "batch-size"), 0);
    loader->unit = LOAD_LISTED_SEGMENTS;
    if (!segments_draw(&r->draw, &loader->sources[0], option_size(values, "segments-per-label"),
                       seed_of_draw(values), &r->stage->arena, failure)
        || (strcmp(text_of(r, "set"), "equal") == 0
            && !make_equal(r, &loader->sources[0], failure)))
        return false;
    fit_records(&r->draw);
    loader->listed = r->draw.segments;
    loader->listed_count = loader->end = r->draw.count;
    return true;
}

static bool softlabel(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Run r = { .stage = &stage };
    ArtifactFolder output = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && scorer_open(&r.scorer, &stage, text_of(&r, "checkpoint"), failure)
        && artifact_folder_create(&output, &stage, "soft-labels", failure) && draw(&r, failure)
        && scorer_build(&r.scorer, &stage, failure)
        && soft_shards_write(&output, &r.source, &r.scorer.predictor, &r.draw,
                             option_size(&stage.values, "shards"), failure)
        && source_stayed(&r.source, stage.arena, failure)
        && artifact_folder_commit(&output, failure);
    artifact_folder_discard(&output);
    scorer_close(&r.scorer);
    source_close(&r.source);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return softlabel(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
