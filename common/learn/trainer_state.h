/*
 * The state of a run in a file: parameters, the optimiser's state, counters, schedule, curve.
 */
#ifndef PODIUM_LEARN_TRAINER_STATE_H
#define PODIUM_LEARN_TRAINER_STATE_H

#include "common/learn/trainer.h"

/* Write the state, replacing the one before. EX_CANTCREAT, EX_IOERR. */
bool trainer_state_save(const Trainer *trainer, Arena scratch, Failure *failure);

/*
 * Go on from the state in settings.progress_path, where there is one. One that is damaged is worth no more
 * than none: stderr says so, and training begins anew. EX_DATAERR: it is of another network.
 */
bool trainer_state_load(Trainer *trainer, Arena scratch, Failure *failure);

#endif
