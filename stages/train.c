/* train: fit a model to videos or rated segments; the checkpoint, and beside it the training curve. */
#include "common/artifact/artifact.h"
#include "common/data/npy.h"
#include "common/learn/checkpoint.h"
#include "common/learn/device_key.h"
#include "common/learn/interrupts.h"
#include "common/learn/source.h"
#include "common/learn/trainer.h"
#include "common/tensor/profile.h"
#include "common/learn/validation.h"
#include "models/layers/stored_network.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PROGRESS "progress" // endings of the names of the state, and of what scored best
#define BEST "best"
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

enum { UNRATED_MASKED, UNRATED_NEGATIVE }; // --unrated

/* Everything that a run holds. */
typedef struct Training {
    Stage *stage;
    SafetensorsReader from;
    bool has_from;
    NetworkSpec spec;
    Network network;
    Device device;
    Source sources[LOADER_MOST_SOURCES], validation_source;
    size_t source_count;
    Parameters parameters;
    Optimiser optimiser;
    LoaderSettings loader;
    Plan *plan;
    Validation validation;
    size_t part;             // samples that are run at once
    uint64_t samples_before; // that --from has seen, with --continue
    uint64_t left_out;       // samples without a frame
    Trainer trainer;
} Training;

static const char *text_of(const Training *t, const char *name)
{
    return option_text(&t->stage->values, name);
}

/* The place of an option's word among its choices. */
static int choice_of(const Training *t, const char *name)
{
    const OptionValue *entry = option_entry(&t->stage->values, name);
    const char *word = entry->values[entry->count - 1];
    int place = 0;
    for (const char *at = entry->option->choices; at; place++) {
        size_t length = strcspn(at, "|");
        if (strncmp(at, word, length) == 0 && word[length] == 0)
            return place;
        at = at[length] ? at + length + 1 : NULL;
    }
    return 0;
}

static bool take_spec_from(Training *t, const char *path, Failure *failure)
{
    const char *model = text_of(t, "model");
    Arena *arena = &t->stage->arena;
    t->has_from = checkpoint_open(&t->from, path, CHECKPOINT_KIND, arena, failure);
    return t->has_from && network_spec_recall(&t->spec, &t->from, arena, failure)
        && (!model || strcmp(model, t->spec.model->name) == 0
            || fail(failure, EX_USAGE, "--model %s: %s is of %s; leave --model out", model, path,
                    t->spec.model->name));
}

static bool take_spec_named(Training *t, Failure *failure)
{
    const OptionValues *values = &t->stage->values;
    const char *from = text_of(t, "from"), *model = text_of(t, "model");
    if (from)
        return take_spec_from(t, from, failure);
    if (option_flag(values, "continue"))
        return fail(failure, EX_USAGE, "--continue: there is nothing to continue without --from");
    if (!model)
        return fail(failure, EX_USAGE,
                    "--model or --from must be given; train --list-models says which there are");
    t->spec.model = model_find(model);
    t->spec.values = values;
    network_spec_read(&t->spec, values);
    return feature_specs_parse(&t->spec.features, text_of(t, "features"), &t->stage->arena,
                               failure);
}

/* What dewhitening begins with; a checkpoint has it already. */
static bool take_eigenvalues(Training *t, Failure *failure)
{
    const char *path = text_of(t, "eigenvalues");
    bool dewhiten = strcmp(t->spec.normalization, "dewhiten") == 0;
    if (path && (!dewhiten || t->has_from))
        return fail(failure, EX_USAGE,
                    "--eigenvalues is for --normalization dewhiten, without --from");
    if (!path)
        return !dewhiten || t->has_from
            || fail(failure, EX_USAGE, "--normalization dewhiten needs --eigenvalues");
    float *values;
    bool ok = npy_read(&values, &t->spec.eigenvalue_count, path, &t->stage->arena, failure);
    t->spec.eigenvalues = values;
    return ok;
}

/* Whether ratings of segments are learned. */
static bool of_segments(const Training *t)
{
    return strcmp(text_of(t, "labels"), "segment") == 0;
}

static bool take_spec(Training *t, Failure *failure)
{
    const OptionValues *values = &t->stage->values;
    bool ok = take_spec_named(t, failure);
    t->spec.mixup = option_real(values, "mixup");
    t->spec.masked = of_segments(t) && choice_of(t, "unrated") == UNRATED_MASKED;
    if (ok && !of_segments(t) && choice_of(t, "unrated") != UNRATED_MASKED)
        return fail(failure, EX_USAGE, "--unrated is for --labels segment");
    return ok && take_eigenvalues(t, failure);
}

/* Whole slices are what stays the same; more than that is said, so that nobody counts on less memory. */
static void round_part(Training *t, size_t slice, size_t batch)
{
    size_t rounded = (t->part + slice - 1) / slice * slice;
    rounded = rounded < batch ? rounded : batch;
    if (rounded != t->part)
        fprintf(stderr, "train: --micro-batch %zu is taken as %zu, of a batch of %zu\n", t->part,
                rounded, batch);
    t->part = rounded;
}

/* How many samples are run at once, and in the key, if it decides the result. */
static bool take_part(Training *t, Failure *failure)
{
    const OptionValues *values = &t->stage->values;
    size_t batch = option_size(values, "batch-size");
    NetworkParts parts;
    char text[32];
    t->part = option_size(values, "micro-batch");
    if (t->part == 0 || t->part >= batch) {
        t->part = batch;
        return true;
    }
    if (!network_parts(&parts, &t->spec, &t->device, t->stage->arena, failure))
        return false;
    if (!parts.changes)
        round_part(t, parts.slice, batch);
    snprintf(text, sizeof text, "%zu", t->part);
    return !parts.changes || stage_field(t->stage, "micro_batch", text, failure);
}

/* What decides the result besides options and inputs. */
static bool complete_key(Training *t, Failure *failure)
{
    Arena *arena = &t->stage->arena;
    const char *unit = network_unit(&t->spec, arena, failure);
    return unit && stage_uses(t->stage, unit, failure)
        && device_open(&t->device, &t->stage->values, manual.name, arena, failure)
        && device_enter_key(t->stage, &t->device, failure) && take_part(t, failure);
}

static bool keeps_best(const Training *t)
{
    return strcmp(text_of(t, "keep"), "best") == 0;
}

static bool is_same_index(const ShardIndex *a, const ShardIndex *b)
{
    char ours[SHA256_HEX_BYTES], theirs[SHA256_HEX_BYTES];
    shard_index_identity(a, ours);
    shard_index_identity(b, theirs);
    return strcmp(ours, theirs) == 0;
}

/* Two parts of one index have nothing in common; `verify` compares all others by their videos' ids. */
static bool check_hold_out(const Training *t, Failure *failure)
{
    const Source *held = &t->validation_source;
    for (size_t i = 0; held->has_part && i < t->source_count; i++) {
        const Source *source = &t->sources[i];
        if (source->has_part && is_same_index(&source->index, &held->index)
            && !subset_check_disjoint(&source->part, &held->part, &source->index, failure))
            return false;
    }
    return true;
}

static bool open_sources(Training *t, Failure *failure)
{
    Arena *arena = &t->stage->arena;
    const OptionValues *values = &t->stage->values;
    const OptionValue *indexes = option_entry(values, "index");
    const char *data = text_of(t, "data"), *first = indexes->values[0];
    const char *other = text_of(t, "validation-index"), *part = text_of(t, "validation-split");
    if (!sources_open(t->sources, &t->source_count, indexes, option_entry(values, "split"), data,
                      arena, failure))
        return false;
    if (other || part)
        return source_open(&t->validation_source, other ? other : first, part, data, arena, failure)
            && check_hold_out(t, failure);
    bool plateau = choice_of(t, "schedule") == SCHEDULE_PLATEAU;
    return (!plateau && !keeps_best(t))
        || fail(failure, EX_USAGE, "--%s needs --validation-split or --validation-index",
                plateau ? "schedule plateau" : "keep best");
}

/* Which frames samples have: down-sampled videos, or what --sample-frames says. */
static bool set_sampling(Training *t, Failure *failure)
{
    FrameSampling thinning, sampling;
    if (!frames_parse_thinning(&thinning, text_of(t, "downsample"), failure)
        || !frames_parse(&sampling, text_of(t, "sample-frames"), failure))
        return false;
    if (thinning.most > 1 && sampling.choice != FRAMES_ALL)
        return fail(failure, EX_USAGE,
                    "--downsample and --sample-frames: both say which frames; give one of them");
    if (sampling.choice != FRAMES_ALL && t->spec.model->level == MODEL_OF_VIDEOS)
        return fail(failure, EX_USAGE, "--sample-frames is for models of frames; %s reads means",
                    t->spec.model->name);
    bool thins = thinning.most > 1 && t->loader.unit == LOAD_VIDEOS;
    t->loader.sampling = thins ? thinning : sampling;
    return true;
}

/* Say what no batch will have, and refuse what would stop the run in its middle. */
static bool check_samples(Training *t, Failure *failure)
{
    if (!loader_check(&t->loader, &t->left_out, failure))
        return false;
    if (t->left_out)
        fprintf(stderr,
                "train: %llu of %llu samples begin behind their video's last frame and are "
                "left out\n",
                (unsigned long long)t->left_out, (unsigned long long)loader_size(&t->loader));
    return true;
}

/* Which samples a run sees: all epochs one after another, in batches that may span two. */
static bool set_loader(Training *t, Failure *failure)
{
    const OptionValues *values = &t->stage->values;
    size_t batch = option_size(values, "batch-size"), steps = option_size(values, "max-steps");
    LoaderSettings *loader = &t->loader;
    *loader = source_videos(t->sources, t->source_count, &t->spec.features, batch, t->spec.classes);
    loader->unit = of_segments(t) ? LOAD_RATED_SEGMENTS : LOAD_VIDEOS;
    loader->shuffle = true;
    loader->seed = option_size(values, "seed");
    loader->window = option_size(values, "shuffle-window");
    loader->end = loader_size(loader) * option_size(values, "epochs");
    if (steps && steps < loader->end / batch)
        loader->end = steps * batch;
    if (option_flag(values, "drop-last"))
        loader->end -= loader->end % batch;
    if (loader->end == 0)
        return fail(failure, EX_DATAERR, "%s: no %s to train on", t->sources[0].index.path,
                    of_segments(t) ? "rated segments" : "videos");
    return set_sampling(t, failure) && check_samples(t, failure);
}

static Feed feed_of(const Network *network)
{
    return (Feed){ .batch = network->batch,
                   .frames = network->frames,
                   .labels = network->labels,
                   .features = network->features,
                   .label_classes = network->label_classes,
                   .label_scores = network->label_scores };
}

static OptimiserSettings optimiser_settings(const Training *t)
{
    return (OptimiserSettings){ (OptimiserKind)choice_of(t, "optimizer"),
                                (Clipping)choice_of(t, "clip"),
                                option_real(&t->stage->values, "clip-norm") };
}

/* Where the parameters begin: drawn, or from a checkpoint. */
static bool begin_parameters(Training *t, Failure *failure)
{
    const OptionValues *values = &t->stage->values;
    Arena scratch = t->stage->arena;
    if (!t->has_from)
        return parameters_initialise(&t->parameters, option_size(values, "seed"), scratch, failure);
    if (!checkpoint_load(&t->from, &t->parameters, failure))
        return false;
    if (!option_flag(values, "continue"))
        return true;
    const char *samples = safetensors_metadata(&t->from, "samples");
    t->samples_before = samples ? strtoull(samples, NULL, 10) : 0;
    return checkpoint_load_optimiser(&t->from, &t->optimiser, scratch, failure);
}

/* For a part of a batch; validation, too, has no more samples at once. */
static bool make_plans(Training *t, Failure *failure)
{
    Arena *arena = &t->stage->arena;
    Feed feed = feed_of(&t->network);
    LoaderSettings part = t->loader;
    size_t bounds[FEED_MOST_AXES];
    part.batch = t->part;
    feed_bounds(&feed, loader_bounds(&part), bounds);
    t->plan = plan_create(t->network.graph, &t->device, bounds, NULL, 0, true, arena, failure);
    if (!t->plan)
        return false;
    plan_bind_parameters(t->plan, t->parameters.value, t->parameters.gradient);
    if (!t->validation_source.index.path)
        return true;
    LoaderSettings loader =
        source_videos(&t->validation_source, 1, &t->spec.features, t->part, t->spec.classes);
    return validation_create(&t->validation, (ValidationMetric)choice_of(t, "validation-metric"),
                             t->network.graph, feed, t->network.prediction.probabilities,
                             &t->parameters, &loader, arena, failure);
}

static bool build(Training *t, Failure *failure)
{
    Arena *arena = &t->stage->arena;
    LoaderBounds most = loader_bounds(&t->loader);
    network_spec_bounds(&t->spec, &t->device, most);
    return device_begin(&t->device, failure)
        && network_build(&t->network, &t->spec, true, arena, failure)
        && parameters_create(&t->parameters, t->network.graph, &t->device, true, arena, failure)
        && optimiser_create(&t->optimiser, optimiser_settings(t), &t->parameters, arena, failure)
        && begin_parameters(t, failure) && make_plans(t, failure);
}

/* The events' path. TensorBoard looks for names with "tfevents": a link gives them one. */
static const char *events_path(Training *t, Failure *failure)
{
    Arena *arena = &t->stage->arena;
    const char *output = stage_output(t->stage);
    const char *path = arena_format(arena, failure, "%s.events", output);
    const char *link = arena_format(arena, failure, "%s.tfevents", output);
    bool linked = path && link && symlink(path_name(path), link) == 0;
    (void)linked; // there already, or a file system without links: the events are in `path`
    return path;
}

/* After how many samples the rate has fallen by its factor; 0: at the end. */
static double decay_samples(const Training *t)
{
    double samples = option_real(&t->stage->values, "decay-samples");
    return samples > 0 ? samples : (double)(t->samples_before + t->loader.end);
}

/* Whether all that is read stayed as it was: what is kept must be of this key. */
static bool check_sources(void *training, Failure *failure)
{
    const Training *t = training;
    Arena scratch = t->stage->arena;
    bool stayed = stage_inputs_stayed(t->stage, failure)
        && (!t->validation_source.folder || source_stayed(&t->validation_source, scratch, failure));
    for (size_t i = 0; stayed && i < t->source_count; i++)
        stayed = source_stayed(&t->sources[i], scratch, failure);
    return stayed;
}

static TrainerSettings trainer_settings(Training *t, Failure *failure)
{
    const OptionValues *values = &t->stage->values;
    Arena *arena = &t->stage->arena;
    return (TrainerSettings){
        .what = arena_format(arena, failure, "train %s", t->spec.model->name),
        .loader = t->loader,
        .schedule = { .kind = (ScheduleKind)choice_of(t, "schedule"),
                      .learning_rate = option_real(values, "learning-rate"),
                      .decay = option_real(values, "decay"),
                      .decay_samples = decay_samples(t),
                      .factor = option_real(values, "plateau-factor"),
                      .threshold = option_real(values, "plateau-threshold"),
                      .patience = option_size(values, "plateau-patience") },
        .samples_before = t->samples_before,
        .curve_steps = option_size(values, "curve-steps"),
        .validation_steps = option_size(values, "validation-steps"),
        .validate = t->validation.plan ? validation_run : NULL,
        .validate_context = &t->validation,
        .metric = text_of(t, "validation-metric"),
        .best_path = keeps_best(t) ? stage_progress_path(t->stage, BEST, failure) : NULL,
        .check = check_sources,
        .check_context = t,
        .progress_path = stage_progress_path(t->stage, PROGRESS, failure),
        .checkpoint_seconds = option_real(values, "checkpoint-seconds"),
        .events_path = events_path(t, failure),
    };
}

static bool work(Training *t, Failure *failure)
{
    Learner learner = { .feed = feed_of(&t->network),
                        .plan = t->plan,
                        .parameters = &t->parameters,
                        .optimiser = &t->optimiser,
                        .seed = option_size(&t->stage->values, "seed"),
                        .part = t->part };
    TrainerSettings settings = trainer_settings(t, failure);
    if (option_flag(&t->stage->values, "profile"))
        plan_measure(t->plan);
    if (failure->code != EX_OK
        || !trainer_run(&t->trainer, settings, &learner, &t->stage->arena, failure))
        return false;
    if (option_flag(&t->stage->values, "profile")) {
        plan_profile(t->plan, NULL, stderr);
        fprintf(stderr, "forward and backward %.3f s, update %.3f s, waiting for data %.3f s\n",
                learner.run_seconds, learner.update_seconds, t->trainer.wait_seconds);
    }
    return true;
}

static bool write_checkpoint(Training *t, Artifact *output, Failure *failure)
{
    Arena scratch = t->stage->arena;
    SafetensorsWriter writer = safetensors_writer(&scratch);
    const TrainerState *state = &t->trainer.state;
    const Optimiser *optimiser =
        option_flag(&t->stage->values, "save-optimizer") ? &t->optimiser : NULL;
    char step[32], samples[32], parameters[32];
    snprintf(step, sizeof step, "%llu", (unsigned long long)state->step);
    snprintf(samples, sizeof samples, "%llu",
             (unsigned long long)(t->samples_before + state->samples));
    snprintf(parameters, sizeof parameters, "%zu", parameters_trained(&t->parameters));
    return network_spec_note(&t->spec, &writer, failure)
        && safetensors_note(&writer, "parameters", parameters, failure)
        && safetensors_note(&writer, "step", step, failure)
        && safetensors_note(&writer, "samples", samples, failure)
        && checkpoint_write(&writer, &output->file, CHECKPOINT_KIND, &t->parameters, optimiser,
                            failure);
}

static void close_training(Training *t)
{
    validation_destroy(&t->validation);
    plan_destroy(t->plan);
    optimiser_destroy(&t->optimiser);
    parameters_destroy(&t->parameters);
    for (size_t i = 0; i < t->source_count; i++)
        source_close(&t->sources[i]);
    source_close(&t->validation_source);
    if (t->has_from)
        safetensors_close(&t->from);
    device_close(&t->device);
}

/* The artifact is there: what a run that was killed right after it left behind is of no use. */
static void forget_state(Stage *stage)
{
    static const char *const endings[] = { PROGRESS, BEST };
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
    return output->remark && write_checkpoint(t, output, failure)
        && (!curve->path
            || curve_write(&t->trainer.curve, text_of(t, "validation-metric"), &curve->file,
                           failure))
        && artifact_commit(curve, failure) && artifact_commit(output, failure);
}

static bool train(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Training t = { .stage = &stage };
    Artifact output = { 0 }, curve = { 0 };
    bool ok = stage_begin(&stage, &manual, argc, argv, failure) && take_spec(&t, failure)
        && complete_key(&t, failure) && begin(&t, &output, &curve, failure)
        && open_sources(&t, failure) && set_loader(&t, failure) && build(&t, failure)
        && work(&t, failure) && check_sources(&t, failure) && finish(&t, &output, &curve, failure);
    if (ok)
        forget_state(&stage);
    artifact_discard(&curve);
    artifact_discard(&output);
    close_training(&t);
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
