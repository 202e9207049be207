#include "common/learn/trainer_state.h"
#include "common/learn/best.h"
#include "common/learn/checkpoint.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define KIND "progress"
#define COUNTS CHECKPOINT_OTHER "counts"
#define NUMBERS CHECKPOINT_OTHER "numbers"
#define CURVE CHECKPOINT_OTHER "curve"
#define DIGEST CHECKPOINT_OTHER "sha256"

enum { STEP, SAMPLES, LOSS_STEPS, PENDING, BAD, BEST_STEP, BEST_SAMPLES, COUNT_OF_COUNTS };
enum { LOSS_SUM, SCORE, SCALE, LEAST_BADNESS, BEST, COUNT_OF_NUMBERS };

bool trainer_state_save(const Trainer *trainer, Arena scratch, Failure *failure)
{
    const TrainerState *s = &trainer->state;
    const Learner *learner = trainer->learner;
    uint64_t counts[COUNT_OF_COUNTS] = {
        s->step,      s->samples,     s->loss_steps, s->pending, trainer->schedule.bad,
        s->best_step, s->best_samples
    };
    double numbers[COUNT_OF_NUMBERS] = { s->loss_sum, s->score, trainer->schedule.scale,
                                         trainer->schedule.best, s->best };
    SafetensorsWriter writer = safetensors_writer(&scratch);
    AtomicFile file;
    bool ok = atomic_file_open(&file, trainer->settings.progress_path, failure)
        && safetensors_declare_vector(&writer, COUNTS, STORED_U64, COUNT_OF_COUNTS, counts, failure)
        && safetensors_declare_vector(&writer, NUMBERS, STORED_F64, COUNT_OF_NUMBERS, numbers,
                                      failure)
        && safetensors_declare_vector(&writer, CURVE, STORED_F64,
                                      trainer->curve.count * CURVE_COLUMNS, trainer->curve.rows,
                                      failure)
        && safetensors_declare_digest(&writer, DIGEST, failure)
        && checkpoint_write(&writer, &file, KIND, learner->parameters, learner->optimiser, failure)
        && atomic_file_commit(&file, NULL, failure);
    atomic_file_discard(&file);
    return ok;
}

static bool take_curve(Trainer *trainer, const SafetensorsReader *reader, Failure *failure)
{
    const StoredTensor *stored = safetensors_find(reader, CURVE);
    const void *rows = safetensors_array(reader, CURVE, STORED_F64, SAFETENSORS_ANY, failure);
    size_t count = stored ? stored->count / CURVE_COLUMNS : 0;
    if (!rows)
        return false;
    if (count > trainer->curve.capacity)
        return fail(failure, EX_DATAERR, "%s: a curve of %zu rows", reader->path, count);
    memcpy(trainer->curve.rows, rows, count * sizeof(CurveRow));
    trainer->curve.count = count;
    return true;
}

static bool take(Trainer *trainer, const SafetensorsReader *reader, Arena scratch, Failure *failure)
{
    const uint64_t *counts =
        safetensors_array(reader, COUNTS, STORED_U64, COUNT_OF_COUNTS, failure);
    const double *numbers =
        safetensors_array(reader, NUMBERS, STORED_F64, COUNT_OF_NUMBERS, failure);
    if (!counts || !numbers || !take_curve(trainer, reader, failure)
        || !checkpoint_load(reader, trainer->learner->parameters, failure)
        || !checkpoint_load_optimiser(reader, trainer->learner->optimiser, scratch, failure))
        return false;
    trainer->state = (TrainerState){ .step = counts[STEP],
                                     .samples = counts[SAMPLES],
                                     .loss_sum = numbers[LOSS_SUM],
                                     .loss_steps = counts[LOSS_STEPS],
                                     .pending = counts[PENDING],
                                     .score = numbers[SCORE],
                                     .best = numbers[BEST],
                                     .best_step = counts[BEST_STEP],
                                     .best_samples = counts[BEST_SAMPLES] };
    trainer->schedule.bad = counts[BAD];
    trainer->schedule.scale = numbers[SCALE];
    trainer->schedule.best = numbers[LEAST_BADNESS];
    return true;
}

/* Whether what scored best by then is there, if anything had a score and is to be kept. */
static bool has_best(const Trainer *trainer, const SafetensorsReader *reader, Arena scratch,
                     Failure *failure)
{
    const char *path = trainer->settings.best_path;
    const uint64_t *counts =
        safetensors_array(reader, COUNTS, STORED_U64, COUNT_OF_COUNTS, failure);
    const double *numbers =
        safetensors_array(reader, NUMBERS, STORED_F64, COUNT_OF_NUMBERS, failure);
    return counts && numbers
        && (!path || isnan(numbers[BEST]) || best_check(path, counts[BEST_STEP], scratch, failure));
}

/* Whether there is a whole state to go on from. A damaged one is worth no more than none. */
static bool open_state(const Trainer *trainer, SafetensorsReader *reader, Arena *arena)
{
    Failure failure = { 0 };
    const char *path = trainer->settings.progress_path;
    if (access(path, F_OK) != 0)
        return false;
    bool opened = checkpoint_open(reader, path, KIND, arena, &failure);
    if (opened && safetensors_check_digest(reader, DIGEST, &failure)
        && has_best(trainer, reader, *arena, &failure))
        return true;
    if (opened)
        safetensors_close(reader);
    fprintf(stderr, "train: %s; training begins anew\n", failure.message);
    return false;
}

bool trainer_state_load(Trainer *trainer, Arena scratch, Failure *failure)
{
    SafetensorsReader reader;
    Failure inner = { 0 };
    if (!open_state(trainer, &reader, &scratch))
        return true;
    bool ok = take(trainer, &reader, scratch, &inner);
    safetensors_close(&reader);
    return ok || fail(failure, inner.code, "%s; remove it to begin anew", inner.message);
}
