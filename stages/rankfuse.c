/*
 * rankfuse: submissions of 2019's contest as one, by the places of their segments.
 */
#include "common/artifact/artifact.h"
#include "common/rank/named_weights.h"
#include "common/rank/rank_fusion.h"
#include "common/rank/stage_weights.h"

static const Option options[] = {
    { "weights", OPTION_TEXT, NULL,
      "NAME=WEIGHT,...: a weight for each file, by its name without folder and ending (default: 1)",
      OPTION_SETTING },
    WEIGHTS_FILE_OPTIONS,
    { "w0", OPTION_REAL, "1",
      "a place's worth: weight * w0 / (w0 + rank - 1); 1: weight / rank; with "
      "--weights-file it is there",
      OPTION_SETTING, 1e-6, 1e6 },
    { "top", OPTION_SIZE, "100000", "segments a class", OPTION_SETTING, 1, 1e5 },
    { "index", OPTION_TEXT, NULL, "an index: refuse segments that it doesn't have", OPTION_INPUT },
    { "subset", OPTION_TEXT, NULL, "the part of the index that segments must be of", OPTION_INPUT },
    { 0 },
};

static const Manual manual = { "rankfuse", "Submissions as one, by weighted inverse ranks.",
                               "FILE...", options };

/* What is known of the videos that the submissions are of. */
typedef struct Videos {
    ShardIndex index;
    Subset subset;
    KnownVideos known;
} Videos;

static bool open_videos(Videos *videos, RankFusion *fusion, Stage *stage, Failure *failure)
{
    const char *index = option_text(&stage->values, "index");
    const char *subset = option_text(&stage->values, "subset");
    Arena *arena = &stage->arena;
    if (!index)
        return !subset || fail(failure, EX_USAGE, "--subset needs --index; see --help");
    fusion->known = &videos->known;
    return shard_index_open(&videos->index, index, arena, failure)
        && (!subset || subset_open(&videos->subset, subset, &videos->index, arena, failure))
        && known_videos_of_index(&videos->known, &videos->index, subset ? &videos->subset : NULL,
                                 arena, failure);
}

/* From a file, with its w0; or by name, which enters the key by itself. */
static bool find_weights(RankFusion *fusion, double **weights, Stage *stage, Failure *failure)
{
    const OptionValues *values = &stage->values;
    const char **names, *text = option_text(values, "weights");
    WeightsFile file;
    if (!weights_of_stage(weights, &file, stage, true, failure))
        return false;
    if (!file.path)
        return names_of_files(&names, values->arguments, fusion->count, &stage->arena, failure)
            && named_weights_parse(weights, names, fusion->count, text, &stage->arena, failure)
            && weights_enter_key(stage, *weights, failure);
    if (option_entry(values, "w0")->given)
        return fail(failure, EX_USAGE, "--w0: %s has one; leave it out", file.path);
    fusion->w0 = file.w0;
    return true;
}

static bool take_weights(RankFusion *fusion, Stage *stage, Failure *failure)
{
    const OptionValues *values = &stage->values;
    double *weights;
    fusion->count = values->argument_count;
    fusion->w0 = option_real(values, "w0");
    fusion->top = option_size(values, "top");
    if (fusion->count == 0)
        return fail(failure, EX_USAGE, "no files; name the submissions to fuse");
    if (!find_weights(fusion, &weights, stage, failure))
        return false;
    fusion->weights = weights;
    return true;
}

static bool rankfuse(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    RankFusion fusion = { 0 };
    Videos videos = { 0 };
    Artifact output = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && take_weights(&fusion, &stage, failure)
        && artifact_create(&output, &stage, "submission",
                           failure) // files are large: no look in vain
        && open_videos(&videos, &fusion, &stage, failure)
        && rank_fusion_run(&fusion, stage.values.arguments, &output.file, &stage.arena, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    rank_fusion_close(&fusion);
    subset_close(&videos.subset);
    shard_index_close(&videos.index);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return rankfuse(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
