/*
 * A model under a bench: built as `train` or `predict` builds it, with a batch of random frames, or
 * of random means of videos, that is in memory.
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
    size_t videos, frames; // frames of each video; 1 where the model reads means of videos
    bool inference;        // set before it is opened: no loss, no gradients, no optimiser
} ModelBench;

/*
 * Build a model, on the device that its words name. Close it with model_bench_close, also after a
 * failure.
 *
 *   words    its options and those of networks and devices: "--clusters=16", "--device=cuda"; and
 *            --form, --threads: see the table in model_bench.c. Threads are set for the process
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

/*
 * The scores of the batch, on the host; or on a device that isn't the host those of the batch before, if
 * there is one (`batch` is not 0), as `predict` has them.
 */
bool model_bench_infer(const ModelBench *bench, size_t batch, Failure *failure);

#endif
