/*
 * tune: the weights of an ensemble, by Bayesian optimisation of its MAP on a hold-out.
 */
#include "common/artifact/artifact.h"
#include "common/data/subset.h"
#include "common/learn/interrupts.h"
#include "common/rank/ensemble_tuning.h"
#include "common/rank/fusion.h"
#include "common/rank/number.h"
#include "common/rank/truth_csv.h"
#include "common/rank/truth_index.h"
#include "common/rank/weights_file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define STATE "tuning" // ending of the state's name
#define MOST_W0 1e6

/* Defaults: spec/models 16.5, with its "ours". */
static const Option options[] = {
    { "fusion", OPTION_CHOICE, NULL,
      "what is fused: predictions, as `fuse` does, or submissions, as `rankfuse` does",
      OPTION_SETTING, .choices = "scores|ranks", .required = true },
    { "names", OPTION_TEXT, NULL,
      "A,B,C: what the members are called, in the order of the files (default: the files' names)",
      OPTION_SETTING },
    { "truth", OPTION_TEXT, NULL,
      "ratings of a hold-out, as CSV VideoId,Start,Class,Relevant or one of the forms that "
      "`evaluate` reads",
      OPTION_INPUT },
    { "index", OPTION_TEXT, NULL, "an index whose ratings are the truth, in place of a CSV",
      OPTION_INPUT },
    { "subset", OPTION_TEXT, NULL, "the part of the index that was held out", OPTION_INPUT },
    { "part", OPTION_CHOICE, NULL, "the part of a divided truth to tune on", OPTION_SETTING,
      .choices = "public|private" },
    { "top", OPTION_SIZE, "100000", "entries of a list that count", OPTION_SETTING, 1, 1e9 },
    { "trials", OPTION_SIZE, "200", "weights to try", OPTION_SETTING, 1, 1000 },
    { "w0", OPTION_TEXT, "0.1:10",
      "ranks: a place's worth is weight * w0 / (w0 + rank - 1); LOW:HIGH is tuned, one number is "
      "given",
      OPTION_SETTING },
    { "acquisition", OPTION_CHOICE, "improvement",
      "what a trial promises: expected improvement, or an upper bound of the value", OPTION_SETTING,
      .choices = ACQUISITIONS },
    { "seed", OPTION_SIZE, "0", "of what is drawn", OPTION_SETTING },
    { "log", OPTION_TEXT, NULL, "all trials, as CSV", OPTION_OUTPUT },
    { 0 },
};

static const Manual manual = { "tune", "Find an ensemble's weights on a hold-out.", "FILE...",
                               options };

/* Everything that a run holds. */
typedef struct Run {
    Stage *stage;
    const char **names;
    size_t members;
    bool of_ranks;
    EnsembleSpace space;
    ShardIndex index;
    Subset subset;
    SegmentTruth truth;
    Fusion inputs; // of scores
    EnsembleMap map;
    Tuning tuning;
} Run;

static const char *text_of(const Run *run, const char *name)
{
    return option_text(&run->stage->values, name);
}

/* "0.1:10" or "1". */
static bool take_w0(Run *run, Failure *failure)
{
    const char *text = text_of(run, "w0"), *colon = strchr(text, ':');
    double *low = &run->space.w0_low, *high = &run->space.w0_high;
    size_t length = colon ? (size_t)(colon - text) : strlen(text);
    const char *last = colon ? colon + 1 : text;
    if (!number_real(text, length, low) || !number_real(last, strlen(last), high)
        || *low < 1 / MOST_W0 || *high > MOST_W0 || *low > *high)
        return fail(failure, EX_USAGE,
                    "--w0 %s: must be LOW:HIGH or one number, from 1e-06 to 1e+06", text);
    if (!run->of_ranks)
        *high = *low;
    return true;
}

/* One source of truth, and members to weigh. */
static bool check_usage(const Run *run, Failure *failure)
{
    bool truth = text_of(run, "truth"), index = text_of(run, "index");
    if (run->members < 2 || run->members > ENSEMBLE_MOST_MEMBERS)
        return fail(failure, EX_USAGE,
                    "%zu file%s; name the members to weigh, from 2 to %zu of them", run->members,
                    run->members == 1 ? "" : "s", ENSEMBLE_MOST_MEMBERS);
    if (truth == index)
        return fail(failure, EX_USAGE, "give either --truth or --index; see --help");
    return index || !text_of(run, "subset")
        || fail(failure, EX_USAGE, "--subset needs --index; see --help");
}

/*
 * Members' names are in the artifact and aren't in the files' contents: they enter the key. In the log they
 * head columns.
 */
static bool enter_names(const Run *run, Failure *failure)
{
    char field[64];
    for (size_t i = 0; i < run->members; i++) {
        if (strpbrk(run->names[i], ",\"\n\r"))
            return fail(
                failure, EX_USAGE,
                "%s: a name with a comma, a quote or a line's end; give others with --names",
                run->names[i]);
        snprintf(field, sizeof field, "name/argument/%05zu", i);
        if (!stage_field(run->stage, field, run->names[i], failure))
            return false;
    }
    return true;
}

static bool take_options(Run *run, Failure *failure)
{
    const OptionValues *values = &run->stage->values;
    run->members = values->argument_count;
    run->space.members = run->members;
    run->of_ranks = strcmp(text_of(run, "fusion"), "ranks") == 0;
    return check_usage(run, failure) && take_w0(run, failure)
        && member_names(&run->names, text_of(run, "names"), values->arguments, run->members,
                        &run->stage->arena, failure)
        && enter_names(run, failure);
}

static bool open_index(Run *run, Failure *failure)
{
    const char *subset = text_of(run, "subset");
    Arena *arena = &run->stage->arena;
    return shard_index_open(&run->index, text_of(run, "index"), arena, failure)
        && (!subset || subset_open(&run->subset, subset, &run->index, arena, failure))
        && segment_truth_of_index(&run->truth, &run->index, run->subset.segments,
                                  run->subset.segment_count, arena, failure);
}

static bool open_truth(Run *run, Failure *failure)
{
    const char *path = text_of(run, "truth");
    return path ? segment_truth_read_csv(&run->truth, path, &run->stage->arena, failure)
                : open_index(run, failure);
}

/* Which part of the truth is tuned on. */
static bool take_part(const Run *run, size_t *part, Failure *failure)
{
    const char *word = text_of(run, "part");
    *part = word && strcmp(word, truth_part_name(TRUTH_PRIVATE)) == 0;
    if (word && run->truth.parts == 1)
        return fail(failure, EX_USAGE, "--part %s: the truth has no parts; leave it out", word);
    return word || run->truth.parts == 1
        || fail(failure, EX_USAGE, "the truth has parts; say with --part which one to tune on");
}

static bool read_members(Run *run, Failure *failure)
{
    EnsembleTruth truth = { .truth = &run->truth, .top = option_size(&run->stage->values, "top") };
    const char *const *paths = run->stage->values.arguments;
    Arena *arena = &run->stage->arena;
    if (!take_part(run, &truth.part, failure))
        return false;
    if (run->of_ranks)
        return ensemble_map_of_submissions(&run->map, truth, paths, run->members, arena, failure);
    return fusion_open(&run->inputs, paths, run->members, arena, failure)
        && ensemble_map_of_predictions(&run->map, truth, run->inputs.inputs, run->members, arena,
                                       failure);
}

static bool check_inputs(void *stage, Failure *failure)
{
    return stage_inputs_stayed(stage, failure);
}

static bool work(Run *run, Failure *failure)
{
    Stage *stage = run->stage;
    const OptionValues *values = &stage->values;
    TuningSettings settings = {
        .space = run->space,
        .names = run->names,
        .trials = option_size(values, "trials"),
        .acquisition = strcmp(text_of(run, "acquisition"), "bound") == 0 ? ACQUISITION_BOUND
                                                                         : ACQUISITION_IMPROVEMENT,
        .seed = option_size(values, "seed"),
        .state_path = stage_progress_path(stage, STATE, failure),
        .check = check_inputs,
        .check_context = stage,
    };
    return settings.state_path
        && tuning_run(&run->tuning, &settings, &run->map, &stage->arena, failure);
}

/* The artifact is there: what a run that was stopped left behind is of no use. */
static void forget_state(Stage *stage)
{
    Failure none = { 0 };
    const char *path = stage_progress_path(stage, STATE, &none);
    if (path)
        unlink(path);
}

/* Whether there is work to do: the artifacts are open for writing. */
static bool begin(Run *run, Artifact *output, Artifact *log, Failure *failure)
{
    if (!artifact_create(output, run->stage, WEIGHTS_KIND, failure)) {
        if (failure->code == EX_OK && !stage_explains(run->stage))
            forget_state(run->stage);
        return false;
    }
    interrupts_hold(); // before the first thread
    return artifact_create_beside(log, run->stage, "trials", "log", failure);
}

static bool finish(const Run *run, Artifact *output, Artifact *log, Failure *failure)
{
    return tuning_write_weights(&run->tuning, &output->file, failure)
        && (!log->path || tuning_write_trials(&run->tuning, &log->file, failure))
        && artifact_commit(log, failure) && artifact_commit(output, failure);
}

static bool tune(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Run run = { .stage = &stage };
    Artifact output = { 0 }, log = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure) && take_options(&run, failure)
        && begin(&run, &output, &log, failure) && open_truth(&run, failure)
        && read_members(&run, failure) && work(&run, failure)
        && finish(&run, &output, &log, failure);
    if (ok)
        forget_state(&stage);
    artifact_discard(&log);
    artifact_discard(&output);
    fusion_close(&run.inputs);
    subset_close(&run.subset);
    shard_index_close(&run.index);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return tune(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
