/*
 * evaluate: the score that a contest gives to a submission, or that predictions would get.
 */
#include "common/artifact/artifact.h"
#include "common/data/subset.h"
#include "common/rank/metrics.h"
#include "common/rank/truth_csv.h"
#include "common/rank/truth_index.h"

#include <stdio.h>
#include <string.h>

#define DATASET_CLASSES "3862" // of YouTube-8M since 2018

static const Option options[] = {
    { "metric", OPTION_CHOICE, NULL, "GAP of videos, or MAP of rated segments", OPTION_SETTING,
      .choices = "gap|map", .required = true },
    { "top", OPTION_SIZE, NULL, "entries of a row that count (default: 20 for gap, 100000 for map)",
      OPTION_SETTING, 1, 1e9 },
    { "submission", OPTION_TEXT, NULL, "CSV VideoId,LabelConfidencePairs or Class,Segments",
      OPTION_INPUT },
    { "predictions", OPTION_TEXT, NULL,
      "predictions of videos (gap) or segments (map), in place of a submission", OPTION_INPUT },
    { "truth", OPTION_TEXT, NULL,
      "CSV: gap VideoId,Labels; map VideoId,Start,Class,Relevant or, without a header, "
      "VIDEO:START,CLASS,SCORE and perhaps PART: public or private, each scored by itself",
      OPTION_INPUT },
    { "index", OPTION_TEXT, NULL,
      "an index, in place of a truth: gap of the videos (of predictions, those that were "
      "predicted), map of the rated segments",
      OPTION_INPUT },
    { "subset", OPTION_TEXT, NULL, "the part of the index to score (default: see --index)",
      OPTION_INPUT },
    { "classes", OPTION_SIZE, DATASET_CLASSES,
      "gap: predictions of classes from here on that no video has are ignored", OPTION_SETTING, 1,
      1048576 },
    { "per-class", OPTION_TEXT, NULL, "CSV of the metric by class to write", OPTION_OUTPUT },
    { "per-rank", OPTION_TEXT, NULL, "map: CSV of the mean precision at each rank to write",
      OPTION_OUTPUT },
    { 0 },
};

static const Manual manual = { "evaluate",
                               "Score a submission as its contest does; prints one JSON object.",
                               NULL, options };

/* A table that is written beside the metrics. */
typedef struct Table {
    char *text; // NULL: there is none
    size_t size;
} Table;

/* What an evaluation gives. */
typedef struct Evaluation {
    char *json;
    Table by_class, by_rank;
} Evaluation;

/* What GAP is computed from. Only what the command line names is open. */
typedef struct GapInputs {
    Predictions predictions;
    ShardIndex index;
    Subset subset;
    VideoTruth truth;
    Gap gap;
} GapInputs;

/* Labels from the index: of the subset, else of what was predicted, else of all. */
static bool truth_of_index(GapInputs *inputs, Stage *stage, Failure *failure)
{
    const char *subset = option_text(&stage->values, "subset");
    uint32_t *predicted = NULL;
    const uint32_t *records = NULL;
    uint64_t count = 0;
    Arena *arena = &stage->arena;
    if (!shard_index_open(&inputs->index, option_text(&stage->values, "index"), arena, failure))
        return false;
    if (subset) {
        if (!subset_open(&inputs->subset, subset, &inputs->index, arena, failure))
            return false;
        records = inputs->subset.records;
        count = inputs->subset.record_count;
    } else if (inputs->predictions.path) {
        if (!records_predicted(&predicted, &count, &inputs->index, &inputs->predictions, arena,
                               failure))
            return false;
        records = predicted;
    }
    return video_truth_of_index(&inputs->truth, &inputs->index, records, count, arena, failure);
}

static bool open_truth(GapInputs *inputs, Stage *stage, Failure *failure)
{
    const char *truth = option_text(&stage->values, "truth");
    return truth ? video_truth_read_csv(&inputs->truth, truth, &stage->arena, failure)
                 : truth_of_index(inputs, stage, failure);
}

static bool open_predictions(GapInputs *inputs, Stage *stage, Failure *failure)
{
    const char *path = option_text(&stage->values, "predictions");
    return !path || predictions_open(&inputs->predictions, path, &stage->arena, failure);
}

static bool read_predictions(GapInputs *inputs, Stage *stage, Failure *failure)
{
    const char *submission = option_text(&stage->values, "submission");
    return submission
        ? gap_read_csv(&inputs->gap, submission, failure)
        : gap_read_predictions(&inputs->gap, &inputs->predictions, stage->arena, failure);
}

static void close_inputs(GapInputs *inputs)
{
    gap_close(&inputs->gap);
    subset_close(&inputs->subset);
    shard_index_close(&inputs->index);
    predictions_close(&inputs->predictions);
}

static bool evaluate_gap(Evaluation *evaluation, Stage *stage, size_t top, Failure *failure)
{
    GapInputs inputs = { 0 };
    GapResult result;
    double *values;
    const OptionValues *options_given = &stage->values;
    const char *submission = option_text(options_given, "submission");
    uint32_t classes = (uint32_t)option_size(options_given, "classes");
    Arena *arena = &stage->arena;
    bool ok = open_predictions(&inputs, stage, failure) && open_truth(&inputs, stage, failure)
        && gap_open(&inputs.gap, &inputs.truth, top, classes, arena, failure)
        && read_predictions(&inputs, stage, failure)
        && arena_array(arena, values, inputs.truth.classes, failure)
        && gap_finish(&inputs.gap, &result, values, *arena, failure)
        && (evaluation->json = metrics_of_gap(&result, top, arena, failure));
    if (ok) {
        Table *table = &evaluation->by_class;
        const VideoTruth *truth = &inputs.truth;
        ClassMetrics by_class = { NULL, truth->classes, 1, { values }, { truth->class_positive } };
        ok = (table->text = metrics_by_class(&by_class, &table->size, arena, failure)) != NULL;
        ignored_report(&inputs.gap.ignored, manual.name,
                       submission ? submission : option_text(options_given, "predictions"));
    }
    close_inputs(&inputs);
    return ok;
}

static bool read_segments(SegmentMap *map, Stage *stage, Failure *failure)
{
    Predictions predictions = { 0 };
    const char *submission = option_text(&stage->values, "submission");
    const char *path = option_text(&stage->values, "predictions");
    if (submission)
        return segment_map_read_csv(map, submission, failure);
    bool ok = predictions_open(&predictions, path, &stage->arena, failure)
        && segment_map_read_predictions(map, &predictions, stage->arena, failure);
    predictions_close(&predictions);
    return ok;
}

/* Ratings from the index: of the subset, else all. What is read from it is copied. */
static bool segments_of_index(SegmentTruth *truth, Stage *stage, Failure *failure)
{
    ShardIndex index = { 0 };
    Subset subset = { 0 };
    Arena *arena = &stage->arena;
    const char *part = option_text(&stage->values, "subset");
    bool ok = shard_index_open(&index, option_text(&stage->values, "index"), arena, failure)
        && (!part || subset_open(&subset, part, &index, arena, failure))
        && segment_truth_of_index(truth, &index, part ? subset.segments : NULL,
                                  subset.segment_count, arena, failure)
        && (truth->class_count > 0
            || fail(failure, EX_DATAERR, "%s: no segment is rated; give an index of rated segments",
                    index.path));
    subset_close(&subset);
    shard_index_close(&index);
    return ok;
}

static bool open_ratings(SegmentTruth *truth, Stage *stage, Failure *failure)
{
    const char *path = option_text(&stage->values, "truth");
    return path ? segment_truth_read_csv(truth, path, &stage->arena, failure)
                : segments_of_index(truth, stage, failure);
}

static bool evaluate_map(Evaluation *evaluation, Stage *stage, size_t top, Failure *failure)
{
    SegmentTruth truth;
    SegmentMap map;
    SegmentMapResult result[TRUTH_PARTS];
    const char *submission = option_text(&stage->values, "submission");
    Table *by_class = &evaluation->by_class, *by_rank = &evaluation->by_rank;
    Arena *arena = &stage->arena;
    if (!open_ratings(&truth, stage, failure)
        || !segment_map_open(&map, &truth, top, arena, failure)
        || !read_segments(&map, stage, failure))
        return false;
    segment_map_finish(&map, result);
    ClassMetrics classes = { truth.classes, truth.class_count, truth.parts, { 0 }, { 0 } };
    for (TruthPart part = 0; part < truth.parts; part++) {
        classes.values[part] = map.values[part];
        classes.positives[part] = truth.class_positives[part];
    }
    ignored_report(&map.ignored, manual.name,
                   submission ? submission : option_text(&stage->values, "predictions"));
    return (evaluation->json = metrics_of_map(result, truth.parts, top, arena, failure))
        && (by_class->text = metrics_by_class(&classes, &by_class->size, arena, failure))
        && (by_rank->text = metrics_by_rank(&map, result, &by_rank->size, arena, failure));
}

/* One source of predictions and one of truth. */
static bool check_sources(const OptionValues *values, bool gap, Failure *failure)
{
    bool submission = option_text(values, "submission"), truth = option_text(values, "truth");
    if (submission == (option_text(values, "predictions") != NULL))
        return fail(failure, EX_USAGE, "give either --submission or --predictions; see --help");
    if (truth == (option_text(values, "index") != NULL))
        return fail(failure, EX_USAGE, "give either --truth or --index; see --help");
    if (option_text(values, "subset") && truth)
        return fail(failure, EX_USAGE, "--subset needs --index; see --help");
    return !gap || !option_text(values, "per-rank")
        || fail(failure, EX_USAGE, "--per-rank needs --metric map; see --help");
}

static bool compute(Evaluation *evaluation, Stage *stage, Failure *failure)
{
    bool gap = strcmp(option_text(&stage->values, "metric"), "gap") == 0;
    size_t top = option_size(&stage->values, "top");
    if (!check_sources(&stage->values, gap, failure))
        return false;
    if (gap)
        return evaluate_gap(evaluation, stage, top ? top : 20, failure);
    return evaluate_map(evaluation, stage, top ? top : 100000, failure);
}

static bool print(const char *json, Failure *failure)
{
    return (fputs(json, stdout) >= 0 && fflush(stdout) == 0)
        || fail_errno(failure, EX_IOERR, "standard output can't be written");
}

/* Without --output nothing is kept but what --per-class and --per-rank ask for. */
static bool evaluate_only(Stage *stage, Failure *failure)
{
    Evaluation evaluation = { 0 };
    const char *by_class = option_text(&stage->values, "per-class");
    const char *by_rank = option_text(&stage->values, "per-rank");
    const Table *classes = &evaluation.by_class, *ranks = &evaluation.by_rank;
    return compute(&evaluation, stage, failure)
        && (!by_class || file_write(by_class, classes->text, classes->size, failure))
        && (!by_rank || file_write(by_rank, ranks->text, ranks->size, failure))
        && print(evaluation.json, failure);
}

static bool write_table(Artifact *artifact, const Table *table, Failure *failure)
{
    return !artifact->path || atomic_file_write(&artifact->file, table->text, table->size, failure);
}

static bool write_artifacts(Artifact *metrics, Artifact *classes, Artifact *ranks, Stage *stage,
                            Failure *failure)
{
    Evaluation evaluation = { 0 };
    return artifact_create_beside(classes, stage, "metrics-by-class", "per-class", failure)
        && artifact_create_beside(ranks, stage, "metrics-by-rank", "per-rank", failure)
        && compute(&evaluation, stage, failure)
        && write_table(classes, &evaluation.by_class, failure)
        && write_table(ranks, &evaluation.by_rank, failure)
        && atomic_file_write(&metrics->file, evaluation.json, strlen(evaluation.json), failure)
        && artifact_commit(classes, failure) && artifact_commit(ranks, failure)
        && artifact_commit(metrics, failure);
}

/* Make the artifact, unless it is there; print it either way. */
static bool evaluate_kept(Stage *stage, Failure *failure)
{
    Artifact metrics = { 0 }, classes = { 0 }, ranks = { 0 };
    char *json;
    size_t size;
    bool ok = artifact_create(&metrics, stage, "metrics", failure)
        ? write_artifacts(&metrics, &classes, &ranks, stage, failure)
        : failure->code == EX_OK;
    artifact_discard(&ranks);
    artifact_discard(&classes);
    artifact_discard(&metrics);
    return ok && file_read(stage_output(stage), &stage->arena, &json, &size, failure)
        && print(json, failure);
}

static bool evaluate(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && (stage_output(&stage) ? evaluate_kept(&stage, failure) : evaluate_only(&stage, failure));
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return evaluate(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
