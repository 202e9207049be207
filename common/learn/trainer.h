/*
 * Trainer: the loop around the steps: batches, learning rates, validations, the curve, and the
 * state that lets a run that was stopped go on as if it hadn't been.
 *
 * A run that is killed at any moment and started again makes the same bytes as one that is not:
 * whatever decides the next step is in the state, and nothing else does.
 */
#ifndef PODIUM_LEARN_TRAINER_H
#define PODIUM_LEARN_TRAINER_H

#include "common/learn/curve.h"
#include "common/learn/events.h"
#include "common/learn/learner.h"
#include "common/learn/schedule.h"

/*
 * Score the parameters as they are on a validation set; more is better. EX_TEMPFAIL: a signal came
 * meanwhile.
 */
typedef bool TrainerValidate(void *context, double *score, Failure *failure);

/* Whether what is read is still what it was; if not, nothing is kept of it. EX_TEMPFAIL. */
typedef bool TrainerCheck(void *context, Failure *failure);

typedef struct TrainerSettings {
    const char *what;      // "train moe", for the progress line
    LoaderSettings loader; // with `end`: samples of all epochs
    ScheduleSettings schedule;
    uint64_t samples_before;   // that the schedule counts: seen before this run
    size_t curve_steps;        // steps between rows of the curve
    size_t validation_steps;   // steps between validations; 0: after each epoch
    TrainerValidate *validate; // NULL: no validation
    void *validate_context;
    const char *metric;    // what it is: "gap", for the progress line and events
    const char *best_path; // where the parameters that scored best are kept; NULL: they aren't
    TrainerCheck *check;   // asked before the state is written; NULL: nothing to ask
    void *check_context;
    const char *progress_path; // where the state is kept
    double checkpoint_seconds; // between two times that it is written; 0: after each step
    const char *events_path;   // NULL: none
} TrainerSettings;

/* What decides the rest of a run, besides parameters and the optimiser's state. */
typedef struct TrainerState {
    uint64_t step, samples; // done
    double loss_sum;        // over the steps since the curve's last row
    uint64_t loss_steps;
    bool pending; // a validation is due and not done
    double score; // what it said; NAN before the first
    double best;  // the highest so far, and when; NAN before the first
    uint64_t best_step, best_samples;
} TrainerState;

typedef struct Trainer {
    TrainerSettings settings;
    Learner *learner;
    TrainerState state;
    Schedule schedule;
    Curve curve;
    Events events;
    double rate;         // of the last step
    double saved;        // when the state was written last, of progress_clock
    double wait_seconds; // spent waiting for batches
} Trainer;

/*
 * Train to the end, from where the state in `progress_path` is, or from the beginning where there
 * is none. With `best_path`, parameters and optimiser are at the end those of the best validation, the
 * first of equal ones, and state.step and state.samples say when that was.
 *
 *   trainer  its curve lives in the arena
 *   failure  EX_TEMPFAIL: a signal asked to stop (interrupts.h); the state was written. EX_DATAERR:
 *            what learner_step and the loader say. EX_IOERR, EX_CANTCREAT: the state can't be written.
 *            With best_path there must be validations
 */
bool trainer_run(Trainer *trainer, TrainerSettings settings, Learner *learner, Arena *arena,
                 Failure *failure);

#endif
