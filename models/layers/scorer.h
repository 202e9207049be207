/*
 * Scorer: a trained network ready to score: recalled from its checkpoint, with its parameters and a
 * plan for inference. What `predict` and `softlabel` share.
 */
#ifndef PODIUM_MODELS_LAYERS_SCORER_H
#define PODIUM_MODELS_LAYERS_SCORER_H

#include "common/artifact/stage.h"
#include "common/learn/parameters.h"
#include "common/learn/predictor.h"
#include "models/layers/stored_network.h"

typedef struct Scorer {
    SafetensorsReader checkpoint;
    bool is_open;
    NetworkSpec spec;
    Network network;
    Device device;
    Parameters parameters;
    Predictor predictor; // its loader, shifts and the classes to keep are the caller's to set
} Scorer;

/*
 * Open a checkpoint, and enter into the stage's key what decides scores besides it. Close the scorer
 * with scorer_close, also after a failure.
 *
 * The stage has DEVICE_OPTIONS.
 *
 *   failure  EX_NOINPUT, EX_DATAERR: as checkpoint_open and network_spec_recall say. EX_UNAVAILABLE: as
 *            device_open says
 */
bool scorer_open(Scorer *scorer, Stage *stage, const char *checkpoint, Failure *failure);

/* Build what predictor.loader's batches need. EX_OSERR, EX_DATAERR: as checkpoint_load says. */
bool scorer_build(Scorer *scorer, Stage *stage, Failure *failure);

void scorer_close(Scorer *scorer);

#endif
