/*
 * A model under a bench: built as `train` builds it, with a batch of random frames that is in memory.
 */
#ifndef PODIUM_BENCH_MODEL_BENCH_H
#define PODIUM_BENCH_MODEL_BENCH_H

#include "common/learn/learner.h"
#include "common/tensor/load.h"
#include "models/layers/network.h"

typedef struct ModelBench {
    Arena arena;
    Device device;
    Network network;
    NetworkSpec spec;
    OptionValues values;
    Parameters parameters;
    Optimiser optimiser;
    Plan *plan;
    Batch batch;
    size_t videos, frames; // frames of each video
    bool plain, told; // set before it is opened: the model isn't told how many, so it keeps plain
                      // forms; or is told on a GPU as well
} ModelBench;

/*
 * Build a model for training steps, on the device that its words name. Close it with
 * model_bench_close, also after a failure.
 *
 *   words    its options and those of networks and devices: "--clusters=16", "--device=cuda"
 *   failure  EX_USAGE, EX_CONFIG: of the words. EX_UNAVAILABLE, EX_OSERR: of the device
 */
bool model_bench_open(ModelBench *bench, const char *model, int count, const char *const words[],
                      size_t videos, size_t frames, Failure *failure);
void model_bench_close(ModelBench *bench);

/* What takes the batch to training steps; its counters of seconds begin at 0. */
Learner model_bench_learner(ModelBench *bench);

/* Begin the next step, and end it, or on a device that isn't the host the one before. */
bool model_bench_step(const ModelBench *bench, Learner *learner, uint64_t step, Failure *failure);

/* End what was begun. */
bool model_bench_settle(Learner *learner, Failure *failure);

#endif
