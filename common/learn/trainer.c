#include "common/learn/trainer.h"
#include "common/base/progress.h"
#include "common/learn/best.h"
#include "common/learn/interrupts.h"
#include "common/learn/trainer_state.h"

#include <math.h>
#include <stdio.h>
#include <time.h>

static double wall_time(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static uint64_t steps_in_all(const LoaderSettings *loader)
{
    return (loader->end - loader->first + loader->batch - 1) / loader->batch;
}

static size_t most_rows(const TrainerSettings *settings)
{
    uint64_t steps = steps_in_all(&settings->loader), epoch = loader_size(&settings->loader);
    uint64_t validations = settings->validation_steps ? steps / settings->validation_steps
                                                      : settings->loader.end / epoch;
    return steps / settings->curve_steps + validations + 2;
}

static bool save(Trainer *trainer, Arena scratch, Failure *failure)
{
    const TrainerSettings *settings = &trainer->settings;
    trainer->saved = progress_clock();
    return (!settings->check || settings->check(settings->check_context, failure))
        && trainer_state_save(trainer, scratch, failure);
}

/* A row of the curve, with what TensorBoard shows of it. */
static void add_row(Trainer *trainer, double score)
{
    TrainerState *s = &trainer->state;
    double now = wall_time(), loss = s->loss_steps ? s->loss_sum / (double)s->loss_steps : NAN;
    double rate = schedule_rate(&trainer->schedule, trainer->settings.samples_before + s->samples);
    curve_add(&trainer->curve,
              (CurveRow){ (double)s->step, (double)s->samples, loss, rate, score });
    s->loss_sum = 0;
    s->loss_steps = 0;
    events_scalar(&trainer->events, now, s->step, "train/loss", (float)loss);
    events_scalar(&trainer->events, now, s->step, "train/learning_rate", (float)rate);
    if (!isnan(score)) {
        char tag[64];
        snprintf(tag, sizeof tag, "validation/%s", trainer->settings.metric);
        events_scalar(&trainer->events, now, s->step, tag, (float)score);
    }
}

/* Keep what scores better than all before it. */
static bool keep_best(Trainer *trainer, Arena scratch, Failure *failure)
{
    TrainerState *s = &trainer->state;
    if (!trainer->settings.best_path || s->score <= s->best)
        return true;
    s->best = s->score;
    s->best_step = s->step;
    s->best_samples = s->samples;
    return best_save(trainer, scratch, failure);
}

static bool validate(Trainer *trainer, Arena scratch, Failure *failure)
{
    TrainerState *s = &trainer->state;
    if (!trainer->settings.validate(trainer->settings.validate_context, &s->score, failure)
        || !keep_best(trainer, scratch, failure))
        return false;
    s->pending = false;
    add_row(trainer, s->score);
    schedule_validated(&trainer->schedule, 1 - s->score);
    return true;
}

/* A batch without a sample is no step, so it doesn't make a validation by steps due again. */
static bool validation_is_due(const Trainer *trainer, uint64_t samples_before, bool stepped)
{
    const TrainerSettings *settings = &trainer->settings;
    const TrainerState *s = &trainer->state;
    uint64_t epoch = loader_size(&settings->loader);
    if (!settings->validate)
        return false;
    if (s->samples >= settings->loader.end)
        return true;
    return settings->validation_steps ? stepped && s->step % settings->validation_steps == 0
                                      : s->samples / epoch > samples_before / epoch;
}

/*
 * Wait for the steps that were begun, but for the newest `open`, and count their losses. They are of
 * the last step that the state counts as done.
 */
static bool settle(Trainer *trainer, size_t open, Failure *failure)
{
    TrainerState *s = &trainer->state;
    double loss;
    while (trainer->learner->begun_count > open) {
        if (!learner_end(trainer->learner, &loss, failure))
            return false;
        s->loss_sum += loss;
        s->loss_steps++;
    }
    bool last = s->samples >= trainer->settings.loader.end;
    if (!s->pending && s->loss_steps && (last || s->step % trainer->settings.curve_steps == 0))
        add_row(trainer, NAN);
    return true;
}

/*
 * One step, and what follows from it. A device that isn't the host computes it while the next one is
 * prepared: its loss is counted when that one was begun, before anything else is counted.
 */
static bool advance(Trainer *trainer, const Batch *batch, Failure *failure)
{
    TrainerState *s = &trainer->state;
    uint64_t before = s->samples;
    bool steps = batch->count > 0, is_host = trainer->learner->parameters->device->is_host;
    trainer->rate = schedule_rate(&trainer->schedule, trainer->settings.samples_before + before);
    if (steps && !learner_begin(trainer->learner, batch, trainer->rate, s->step, failure))
        return false;
    if (!is_host && !settle(trainer, steps, failure))
        return false;
    s->step += steps;
    s->samples = batch->next;
    s->pending = validation_is_due(trainer, before, steps);
    bool waits = is_host || s->pending || s->samples >= trainer->settings.loader.end;
    return !waits || settle(trainer, 0, failure);
}

static bool stop(Trainer *trainer, Arena scratch, Failure *failure)
{
    return save(trainer, scratch, failure)
        && fail(failure, EX_TEMPFAIL,
                "stopped by a signal after step %llu; run the same command again to go on",
                (unsigned long long)trainer->state.step);
}

static void show(const Trainer *trainer, Progress *progress, bool last)
{
    char note[96] = "";
    const TrainerState *s = &trainer->state;
    const Curve *curve = &trainer->curve;
    int length = 0;
    if (s->loss_steps || curve->count)
        length = snprintf(note, sizeof note, "loss %.5g",
                          s->loss_steps ? s->loss_sum / (double)s->loss_steps
                                        : curve->rows[curve->count - 1].loss);
    if (!isnan(s->score))
        snprintf(note + length, sizeof note - (size_t)length, ", %s %.5f", trainer->settings.metric,
                 s->score);
    if (last)
        progress_end(progress, s->samples, note);
    else
        progress_update(progress, s->samples, note);
}

/* Whether there is a batch; counts the time that it was waited for. */
static bool wait_for(Trainer *trainer, Loader *loader, const Batch **batch, Failure *failure)
{
    double begun = progress_clock();
    bool there = loader_next(loader, batch, failure);
    trainer->wait_seconds += progress_clock() - begun;
    return there;
}

/* What is to be done between two steps: validate, stop, save. */
static bool between_steps(Trainer *trainer, Arena scratch, Failure *failure)
{
    Failure inner = { 0 };
    if (trainer->state.pending && !validate(trainer, scratch, &inner) && inner.code != EX_TEMPFAIL)
        return fail(failure, inner.code, "%s", inner.message);
    bool stops = interrupts_came();
    if (!stops && progress_clock() - trainer->saved < trainer->settings.checkpoint_seconds)
        return true;
    if (trainer->learner->begun_count && !settle(trainer, 0, failure))
        return false;
    return stops ? stop(trainer, scratch, failure) : save(trainer, scratch, failure);
}

static bool run(Trainer *trainer, Loader *loader, Arena scratch, Failure *failure)
{
    const Batch *batch;
    Progress progress;
    progress_begin(&progress, trainer->settings.what, "samples", trainer->state.samples,
                   trainer->settings.loader.end);
    while (wait_for(trainer, loader, &batch, failure)) {
        bool ok = advance(trainer, batch, failure);
        loader_release(loader);
        if (!ok || !between_steps(trainer, scratch, failure))
            return false;
        show(trainer, &progress, false);
    }
    if (failure->code != EX_OK)
        return false;
    show(trainer, &progress, true);
    return true;
}

/* Nothing is left to do but to go back to what was best. */
static bool end(Trainer *trainer, Arena scratch, Failure *failure)
{
    TrainerState *s = &trainer->state;
    if (!trainer->settings.best_path || s->best_step == s->step)
        return true;
    s->step = s->best_step;
    s->samples = s->best_samples;
    return best_load(trainer, scratch, failure);
}

bool trainer_run(Trainer *trainer, TrainerSettings settings, Learner *learner, Arena *arena,
                 Failure *failure)
{
    Loader *loader = NULL;
    *trainer = (Trainer){ .settings = settings,
                          .learner = learner,
                          .state = { .samples = settings.loader.first, .score = NAN, .best = NAN },
                          .schedule = schedule_begin(settings.schedule),
                          .saved = progress_clock() };
    if (!curve_create(&trainer->curve, most_rows(&settings), arena, failure)
        || !trainer_state_load(trainer, *arena, failure))
        return false;
    if (trainer->state.pending && !between_steps(trainer, *arena, failure))
        return false;
    if (trainer->state.samples >= settings.loader.end)
        return end(trainer, *arena, failure);
    LoaderSettings rest = settings.loader;
    rest.first = trainer->state.samples;
    if (!loader_create(&loader, &rest, arena, failure))
        return false;
    if (settings.events_path)
        events_open(&trainer->events, settings.events_path, wall_time());
    bool ok = run(trainer, loader, *arena, failure);
    events_close(&trainer->events);
    loader_close(loader);
    return ok && end(trainer, *arena, failure);
}
