/*
 * Ensemble tuning: the search for an ensemble's weights, from its first trial to what is kept of it.
 */
#ifndef PODIUM_RANK_ENSEMBLE_TUNING_H
#define PODIUM_RANK_ENSEMBLE_TUNING_H

#include "common/rank/ensemble_search.h"

/* Whether what is read is still what it was; if not, nothing is kept of it. EX_TEMPFAIL. */
typedef bool TuningCheck(void *context, Failure *failure);

typedef struct TuningSettings {
    EnsembleSpace space;
    const char *const *names; // [space.members], borrowed
    size_t trials;            // at least 1
    Acquisition acquisition;
    uint64_t seed;
    const char *state_path; // where the trials are kept, to go on from
    TuningCheck *check;     // asked before the state is written; NULL: nothing to ask
    void *check_context;
} TuningSettings;

typedef struct Tuning {
    TuningSettings settings;
    EnsembleMap *map;
    Search search;
    double *alone; // [members]: MAP of each member by itself
} Tuning;

/*
 * Run all trials, from where the state is, or from the beginning where there is none. The first trial has
 * equal weights, so the best is no worse than these. The state is written after each trial.
 *
 *   tuning   lives in the arena
 *   failure  EX_TEMPFAIL: a signal asked to stop (learn/interrupts.h). EX_DATAERR, EX_IOERR, EX_CANTCREAT: of
 *            the state
 */
bool tuning_run(Tuning *tuning, const TuningSettings *settings, EnsembleMap *map, Arena *arena,
                Failure *failure);

/*
 * Write the best weights as a weights file (weights_file.h), with what it reached: "map", beside "equal" (of
 * the first trial), "trial", "trials", "members" (MAP of each alone).
 */
bool tuning_write_weights(const Tuning *tuning, AtomicFile *file, Failure *failure);

/*
 * Write the trials as CSV: trial,map,best,expected,deviation,w0,weight/NAME,... `expected` and `deviation`
 * are what was predicted of the MAP before the trial; nothing for the first ones.
 */
bool tuning_write_trials(const Tuning *tuning, AtomicFile *file, Failure *failure);

#endif
