/*
 * Training: what a run of `train` holds, in the order in which the stage fills it. Only for that stage.
 *
 * Each function takes what it needs from the stage's options, and names the option that is wrong
 * (EX_USAGE). All is of the stage's arena, but for what training_close closes, also after a failure.
 */
#ifndef PODIUM_STAGES_TRAIN_TRAINING_H
#define PODIUM_STAGES_TRAIN_TRAINING_H

#include "common/artifact/artifact.h"
#include "common/learn/source.h"
#include "common/learn/trainer.h"
#include "common/learn/validation.h"
#include "models/layers/stored_network.h"

#define TRAINING_PROGRESS "progress" // endings of the names of the state, and of what scored best
#define TRAINING_BEST "best"

typedef struct Training {
    Stage *stage;
    const OptionValues *values; // the stage's

    // training_take_model
    SafetensorsReader from;
    bool has_from;
    NetworkSpec spec;

    // training_complete_key
    Device device;
    size_t part; // samples that are run at once

    // training_open_samples
    Source sources[LOADER_MOST_SOURCES], validation_source;
    size_t source_count;
    LoaderSettings loader;
    uint64_t left_out; // samples without a frame

    // training_build
    Network network;
    Parameters parameters;
    Optimiser optimiser;
    uint64_t samples_before; // that --from has seen, with --continue
    Plan *plan;
    Validation validation;

    // training_run
    Trainer trainer;
} Training;

/* What is trained: a model by its name, or the one that --from has. EX_NOINPUT, EX_DATAERR of --from. */
bool training_take_model(Training *t, Failure *failure);

/* Enter into the key what decides the result besides options and inputs. EX_UNAVAILABLE: no device. */
bool training_complete_key(Training *t, Failure *failure);

/* Open what is learned from, and what validates. EX_NOINPUT, EX_DATAERR: as source_open; no sample. */
bool training_open_samples(Training *t, Failure *failure);

/* Whether all that was read stayed as it was: what is kept must be of this key. EX_TEMPFAIL. */
bool training_samples_stayed(const Training *t, Failure *failure);

/* Build the network, with its parameters where they begin, and the plans. EX_OSERR; EX_DATAERR of --from. */
bool training_build(Training *t, Failure *failure);

/* Run to the end, or to an interrupt. Failures as trainer_run. */
bool training_run(Training *t, Failure *failure);

/* Write the checkpoint. EX_IOERR. */
bool training_write(Training *t, AtomicFile *file, Failure *failure);

void training_close(Training *t);

/* Whether ratings of segments are learned; whether the best validation is kept. */
static inline bool training_of_segments(const Training *t)
{
    enum { VIDEO, SEGMENT };
    return option_choice(t->values, "labels") == SEGMENT;
}

static inline bool training_keeps_best(const Training *t)
{
    enum { LAST, BEST };
    return option_choice(t->values, "keep") == BEST;
}

#endif
