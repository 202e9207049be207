/*
 * Learner: one training step: a batch in, the parameters a little better.
 */
#ifndef PODIUM_LEARN_LEARNER_H
#define PODIUM_LEARN_LEARNER_H

#include "common/learn/feed.h"
#include "common/learn/optimiser.h"

#define LEARNER_AHEAD 2 // steps that may be asked for before the first one's loss is

typedef struct Learner {
    Feed feed;
    Plan *plan; // made for training, with the parameters bound
    Parameters *parameters;
    Optimiser *optimiser;
    uint64_t seed;                      // of dropout
    size_t part;                        // samples that the plan takes at once; 0: a whole batch
    double run_seconds, update_seconds; // spent in the plan and in the optimiser
    uint64_t begun[LEARNER_AHEAD];      // steps whose loss was not asked for yet, the oldest first
    size_t begun_count;
    double losses[LEARNER_AHEAD]; // theirs, on the host
} Learner;

/*
 * Forward, backward, update. Allocates nothing. A batch of more samples than `part` is run in parts
 * of so many, and the last one has the rest; gradients add up (plan_bind_part), and one update
 * follows.
 *
 * On the host the step is done when this returns. Another device goes on with it while the next one
 * is begun: the batch is not borrowed any longer, and whether it went well is said by learner_end.
 *
 *   step     number of the step, from 0: what dropout draws by
 *   failure  EX_DATAERR: the loss or a gradient is not finite; says the step and the parameter at
 *            fault. The parameters are as they were.
 */
bool learner_begin(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                   Failure *failure);

/*
 * The loss of the oldest step that was begun and not ended, before its update; waits for it.
 *
 *   failure  as learner_begin; EX_UNAVAILABLE: the device failed
 */
bool learner_end(Learner *learner, double *loss, Failure *failure);

/* Both. */
bool learner_step(Learner *learner, const Batch *batch, double learning_rate, uint64_t step,
                  double *loss, Failure *failure);

#endif
