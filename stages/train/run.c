/* The run itself: the network with its parameters and plans, the trainer, the checkpoint. */
#include "stages/train/training.h"
#include "common/learn/checkpoint.h"
#include "common/tensor/profile.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

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
    return (OptimiserSettings){ (OptimiserKind)option_choice(t->values, "optimizer"),
                                (Clipping)option_choice(t->values, "clip"),
                                option_real(t->values, "clip-norm") };
}

/* Where the parameters begin: drawn, or from a checkpoint. */
static bool begin_parameters(Training *t, Failure *failure)
{
    const OptionValues *values = t->values;
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
    return validation_create(&t->validation,
                             (ValidationMetric)option_choice(t->values, "validation-metric"),
                             t->network.graph, feed, t->network.prediction.probabilities,
                             &t->parameters, &loader, arena, failure);
}

bool training_build(Training *t, Failure *failure)
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
    double samples = option_real(t->values, "decay-samples");
    return samples > 0 ? samples : (double)(t->samples_before + t->loader.end);
}

static bool check_samples_stayed(void *training, Failure *failure)
{
    return training_samples_stayed(training, failure);
}

static TrainerSettings trainer_settings(Training *t, Failure *failure)
{
    const OptionValues *values = t->values;
    Arena *arena = &t->stage->arena;
    return (TrainerSettings){
        .what = arena_format(arena, failure, "train %s", t->spec.model->name),
        .loader = t->loader,
        .schedule = { .kind = (ScheduleKind)option_choice(values, "schedule"),
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
        .metric = option_text(values, "validation-metric"),
        .best_path =
            training_keeps_best(t) ? stage_progress_path(t->stage, TRAINING_BEST, failure) : NULL,
        .check = check_samples_stayed,
        .check_context = t,
        .progress_path = stage_progress_path(t->stage, TRAINING_PROGRESS, failure),
        .checkpoint_seconds = option_real(values, "checkpoint-seconds"),
        .events_path = events_path(t, failure),
    };
}

bool training_run(Training *t, Failure *failure)
{
    Learner learner = { .feed = feed_of(&t->network),
                        .plan = t->plan,
                        .parameters = &t->parameters,
                        .optimiser = &t->optimiser,
                        .seed = option_size(t->values, "seed"),
                        .part = t->part };
    TrainerSettings settings = trainer_settings(t, failure);
    if (option_flag(t->values, "profile"))
        plan_measure(t->plan);
    if (failure->code != EX_OK
        || !trainer_run(&t->trainer, settings, &learner, &t->stage->arena, failure))
        return false;
    if (option_flag(t->values, "profile")) {
        plan_profile(t->plan, NULL, stderr);
        fprintf(stderr, "forward and backward %.3f s, update %.3f s, waiting for data %.3f s\n",
                learner.run_seconds, learner.update_seconds, t->trainer.wait_seconds);
    }
    return true;
}

bool training_write(Training *t, AtomicFile *file, Failure *failure)
{
    Arena scratch = t->stage->arena;
    SafetensorsWriter writer = safetensors_writer(&scratch);
    const TrainerState *state = &t->trainer.state;
    const Optimiser *optimiser = option_flag(t->values, "save-optimizer") ? &t->optimiser : NULL;
    char step[32], samples[32], parameters[32];
    snprintf(step, sizeof step, "%llu", (unsigned long long)state->step);
    snprintf(samples, sizeof samples, "%llu",
             (unsigned long long)(t->samples_before + state->samples));
    snprintf(parameters, sizeof parameters, "%zu", parameters_trained(&t->parameters));
    return network_spec_note(&t->spec, &writer, failure)
        && safetensors_note(&writer, "parameters", parameters, failure)
        && safetensors_note(&writer, "step", step, failure)
        && safetensors_note(&writer, "samples", samples, failure)
        && checkpoint_write(&writer, file, CHECKPOINT_KIND, &t->parameters, optimiser, failure);
}

void training_close(Training *t)
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
