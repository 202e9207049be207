/*
 * fuse: the weighted mean of predictions.
 */
#include "common/artifact/artifact.h"
#include "common/rank/fusion.h"

static const Option options[] = {
    { "weights", OPTION_TEXT, NULL, "1,2,1: a weight for each file (default: equal)",
      OPTION_SETTING },
    { 0 },
};

static const Manual manual = { "fuse", "Weighted mean of predictions.", "FILE...", options };

static bool fuse(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Fusion fusion = { 0 };
    Artifact output = { 0 };
    const OptionValues *values = &stage.values;
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && fusion_weights(&fusion, option_text(values, "weights"), values->argument_count,
                          &stage.arena, failure)
        && fusion_open(&fusion, values->arguments, values->argument_count, &stage.arena, failure)
        && artifact_create(&output, &stage, "predictions", failure)
        && fusion_write(&fusion, &output.file, stage.arena, failure)
        && artifact_commit(&output, failure);
    artifact_discard(&output);
    fusion_close(&fusion);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return fuse(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
