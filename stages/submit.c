/*
 * submit: predictions as a contest's submission.
 */
#include "common/artifact/artifact.h"
#include "common/data/vocabulary.h"
#include "common/rank/contest_csv.h"

#include <string.h>

static const Option options[] = {
    { "predictions", OPTION_TEXT, NULL, "predictions of videos (2018) or segments (2019)",
      OPTION_INPUT, .required = true },
    { "contest", OPTION_CHOICE, NULL, "whose form the submission has", OPTION_SETTING,
      .choices = "2018|2019", .required = true },
    { "top", OPTION_SIZE, NULL,
      "pairs a video, segments a class (default: 20 in 2018, 100000 in 2019)", OPTION_SETTING, 1,
      1e9 },
    { "segment-classes", OPTION_TEXT, NULL,
      "2019: segment_label_ids.csv, the classes to list (default: all that were predicted)",
      OPTION_INPUT },
    { 0 },
};

static const Manual manual = { "submit", "Write predictions as a contest's submission.", NULL,
                               options };

static bool write_2019(Predictions *predictions, size_t top, Stage *stage, AtomicFile *file,
                       Failure *failure)
{
    const char *path = option_text(&stage->values, "segment-classes");
    uint32_t *classes = NULL;
    size_t count = 0;
    return (!path || segment_classes_read(&classes, &count, path, &stage->arena, failure))
        && contest_write_segments(predictions, top ? top : 100000, classes, count, file,
                                  stage->arena, failure);
}

static bool write_rows(Predictions *predictions, Stage *stage, AtomicFile *file, Failure *failure)
{
    size_t top = option_size(&stage->values, "top");
    if (strcmp(option_text(&stage->values, "contest"), "2019") == 0)
        return write_2019(predictions, top, stage, file, failure);
    return contest_write_videos(predictions, top ? top : 20, file, stage->arena, failure);
}

static bool submit(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Predictions predictions = { 0 };
    Artifact output = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && predictions_open(&predictions, option_text(&stage.values, "predictions"), &stage.arena,
                            failure)
        && artifact_create(&output, &stage, "submission", failure)
        && write_rows(&predictions, &stage, &output.file, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    predictions_close(&predictions);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return submit(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
