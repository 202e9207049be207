/*
 * Learner: one training step: a batch in, the parameters a little better.
 */
#ifndef PODIUM_LEARN_LEARNER_H
#define PODIUM_LEARN_LEARNER_H

#include "common/learn/feed.h"
#include "common/learn/optimiser.h"

typedef struct Learner {
    Feed feed;
    Plan *plan; // made for training, with the parameters bound
    Parameters *parameters;
    Optimiser *optimiser;
    uint64_t seed;                      // of dropout
    double run_seconds, update_seconds; // spent in the plan and in the optimiser
} Learner;

/*
 * Forward, backward, update. Allocates nothing.
 *
 *   step     number of the step, from 0: what dropout draws by
 *   loss     of the batch, before the update
 *   failure  EX_DATAERR: the loss or a gradient is not finite; says the step and the parameter at
 *            fault. The parameters are as they were.
 */
bool learner_step(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                  double *loss, Failure *failure);

#endif
