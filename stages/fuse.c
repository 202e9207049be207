/*
 * fuse: the weighted mean of predictions.
 */
#include "common/artifact/artifact.h"
#include "common/rank/fusion.h"
#include "common/rank/stage_weights.h"

static const Option options[] = {
    { "weights", OPTION_TEXT, NULL, "1,2,1: a weight for each file (default: equal)",
      OPTION_SETTING },
    WEIGHTS_FILE_OPTIONS,
    { 0 },
};

static const Manual manual = { "fuse", "Weighted mean of predictions.", "FILE...", options };

static bool take_weights(Fusion *fusion, Stage *stage, Failure *failure)
{
    const OptionValues *values = &stage->values;
    WeightsFile file;
    double *weights;
    size_t count = values->argument_count;
    if (!weights_of_stage(&weights, &file, stage, false, failure))
        return false;
    return file.path
        ? fusion_take_weights(fusion, weights, count, &stage->arena, failure)
        : fusion_weights(fusion, option_text(values, "weights"), count, &stage->arena, failure);
}

static bool fuse(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Fusion fusion = { 0 };
    Artifact output = { 0 };
    const OptionValues *values = &stage.values;
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && take_weights(&fusion, &stage, failure)
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
