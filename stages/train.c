/* train: fit a model to videos or rated segments; the checkpoint, and beside it the training curve. */
#include "common/learn/checkpoint.h"
#include "common/learn/device_key.h"
#include "common/learn/interrupts.h"
#include "stages/train/training.h"

#include <string.h>
#include <unistd.h>

#define DEFAULT_FEATURES "mean_rgb:1024,mean_audio:128"

/* Defaults: the organisers' trainer (spec/data-and-metrics 6.8). */
static const Option options[] = {
    { "model", OPTION_TEXT, NULL, "the model to train; its own options are listed below" },
    { "list-models", OPTION_FLAG, "0", "print all models with their options", OPTION_VOLATILE },
    { "from", OPTION_TEXT, NULL, "a checkpoint to go on from, in place of --model and its options",
      OPTION_INPUT },
    { "continue", OPTION_FLAG, "0", "take the optimiser and the schedule from --from as well" },
    { "index", OPTION_TEXT, NULL, "index of the training videos (repeatable)", OPTION_INPUT,
      .required = true },
    { "split", OPTION_TEXT, NULL, "the part of the index that it was drawn from (repeatable)",
      OPTION_INPUT },
    { "labels", OPTION_CHOICE, "video", "what is learned: labels of videos, or ratings of segments",
      .choices = "video|segment" },
    { "unrated", OPTION_CHOICE, "masked",
      "--labels segment: a class that a segment isn't rated for has no loss, or is negative",
      .choices = "masked|negative" },
    { "downsample", OPTION_TEXT, "1:1",
      "A:B: keep one of R frames of a video, R between A and B, one R and one offset a batch" },
    { "sample-frames", OPTION_TEXT, "all",
      "of a video or segment: all, random:N (N draws, some frames again and again) or sequence:N "
      "(N "
      "that follow each other; of a short one the last again)" },
    { "eigenvalues", OPTION_TEXT, NULL,
      "of the rgb features, as .npy, for --normalization dewhiten", OPTION_INPUT },
    { "validation-index", OPTION_TEXT, NULL, "index of the validation videos (default: --index)",
      OPTION_INPUT },
    { "validation-split", OPTION_TEXT, NULL, "the part of it to validate on", OPTION_INPUT },
    { "data", OPTION_TEXT, NULL, "folder of the dataset (default: where `index` found it)",
      OPTION_VOLATILE },
    { "features", OPTION_TEXT, DEFAULT_FEATURES, "features and their widths, in order" },
    { "epochs", OPTION_SIZE, "5", "passes over the training videos", .minimum = 1,
      .maximum = 100000 },
    { "max-steps", OPTION_SIZE, "0", "stop after so many steps; 0: when the epochs are over" },
    { "batch-size", OPTION_SIZE, "1024", "videos a step", .minimum = 1, .maximum = 1048576 },
    { "micro-batch", OPTION_SIZE, "0",
      "so many videos at once, gradients added up: less memory, the same bits. Rounded up to a "
      "multiple of 256 videos, 64 for models of frames. But with batch normalisation (nextvlad, "
      "resnet-like, any --mixture ...), with --mixup and on a GPU it changes the result, is taken "
      "as it is and is part of the key. 0: the whole batch",
      OPTION_VOLATILE, .maximum = 1048576 },
    { "drop-last", OPTION_FLAG, "0", "leave out the last batch where it is not full" },
    { "shuffle-window", OPTION_SIZE, "0",
      "shuffle within so many neighbours, for slow disks; 0: over everything" },
    { "seed", OPTION_SIZE, "0", "of initial values, order, dropout and mixup" },
    { "mixup", OPTION_REAL, "0", "alpha of mixup: pairs within the batch, a weight a video",
      .maximum = 1 },
    { "optimizer", OPTION_CHOICE, "adam", "adam is TensorFlow's form, adam-torch PyTorch's",
      .choices = OPTIMISER_KINDS },
    { "learning-rate", OPTION_REAL, "0.01", "to begin with", .minimum = 1e-12, .maximum = 1e30 },
    { "schedule", OPTION_CHOICE, "staircase", "of the learning rate", .choices = SCHEDULE_KINDS },
    { "decay", OPTION_REAL, "0.95", "staircase, smooth: factor of the learning rate...",
      .minimum = 1e-6, .maximum = 1 },
    { "decay-samples", OPTION_REAL, "4000000", "...for so many samples; 0: over the whole run",
      .maximum = 1e15 },
    { "plateau-factor", OPTION_REAL, "0.5", "plateau: factor of the learning rate...",
      .minimum = 1e-6, .maximum = 1 },
    { "plateau-patience", OPTION_SIZE, "0", "...after more than so many validations without gain" },
    { "plateau-threshold", OPTION_REAL, "0.0001", "relative gain in 1 - score that counts as one",
      .maximum = 1 },
    { "clip", OPTION_CHOICE, "per-variable", "gradients, each by its norm or all by theirs",
      .choices = CLIPPINGS },
    { "clip-norm", OPTION_REAL, "1", "the norm that a gradient may have", .minimum = 1e-12,
      .maximum = 1e12 },
    { "validation-steps", OPTION_SIZE, "0", "steps between validations; 0: after each epoch" },
    { "validation-metric", OPTION_CHOICE, "gap", "GAP@20 of videos, or MAP of rated segments",
      .choices = VALIDATION_METRICS },
    { "keep", OPTION_CHOICE, "last",
      "the parameters of the last step, or of the best validation (the first of equal ones)",
      .choices = "last|best" },
    { "curve-steps", OPTION_SIZE, "10", "steps between rows of the curve", .minimum = 1,
      .maximum = 1000000 },
    { "curve", OPTION_TEXT, NULL, "the training curve, as CSV", OPTION_OUTPUT },
    { "save-optimizer", OPTION_FLAG, "0", "put the optimiser's state into the checkpoint" },
    { "checkpoint-seconds", OPTION_REAL, "60", "how often the state is written, to go on from",
      OPTION_VOLATILE, 0, 1e9 },
    { "profile", OPTION_FLAG, "0", "print where the time went", OPTION_VOLATILE },
    DEVICE_OPTIONS,
    { 0 },
};

/* A model's options come with its name; a checkpoint brings its own. */
static bool more_options(const Option *tables[4], size_t *count, int argc, char *const argv[],
                         Failure *failure)
{
    const char *name = options_peek("model", argc, argv);
    *count = 0;
    if (options_peek("from", argc, argv))
        return true;
    const Model *model = name ? model_find(name) : NULL;
    if (name && !model)
        return fail(failure, EX_USAGE, "--model %s: there is none; see train --list-models", name);
    if (model)
        tables[(*count)++] = model->options;
    tables[(*count)++] = network_options;
    return true;
}

static const Manual manual = { "train", "Train a model; writes a checkpoint.", NULL, options,
                               more_options };

/* The artifact is there: what a run that was killed right after it left behind is of no use. */
static void forget_state(Stage *stage)
{
    static const char *const endings[] = { TRAINING_PROGRESS, TRAINING_BEST };
    for (size_t i = 0; i < 2; i++) {
        Failure none = { 0 };
        const char *path = stage_progress_path(stage, endings[i], &none);
        if (path)
            unlink(path);
    }
}

/* Whether there is work to do: the artifacts are open for writing. */
static bool begin(Training *t, Artifact *output, Artifact *curve, Failure *failure)
{
    if (!artifact_create(output, t->stage, CHECKPOINT_KIND, failure)) {
        if (failure->code == EX_OK && !stage_explains(t->stage))
            forget_state(t->stage);
        return false;
    }
    interrupts_hold(); // before the first thread
    return artifact_create_beside(curve, t->stage, "curve", "curve", failure);
}

static bool finish(Training *t, Artifact *output, Artifact *curve, Failure *failure)
{
    output->remark = arena_format(&t->stage->arena, failure, ", \"left_out\": %llu",
                                  (unsigned long long)t->left_out);
    return output->remark && training_write(t, &output->file, failure)
        && (!curve->path
            || curve_write(&t->trainer.curve, option_text(t->values, "validation-metric"),
                           &curve->file, failure))
        && artifact_commit(curve, failure) && artifact_commit(output, failure);
}

static bool train(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Training t = { .stage = &stage, .values = &stage.values };
    Artifact output = { 0 }, curve = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure) && training_take_model(&t, failure)
        && training_complete_key(&t, failure) && begin(&t, &output, &curve, failure)
        && training_open_samples(&t, failure) && training_build(&t, failure)
        && training_run(&t, failure) && training_samples_stayed(&t, failure)
        && finish(&t, &output, &curve, failure);
    if (ok)
        forget_state(&stage);
    artifact_discard(&curve);
    artifact_discard(&output);
    training_close(&t);
    stage_end(&stage);
    return ok;
}

static bool list_models(void)
{
    for (const Model *const *model = models; *model; model++) {
        printf("%s: %s\n", (*model)->name, (*model)->summary);
        options_describe((*model)->options, stdout);
    }
    return true;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    for (int i = 1; i < argc; i++)
        if (strcmp(argv[i], "--list-models") == 0)
            return list_models() ? EX_OK : EX_SOFTWARE;
    return train(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
