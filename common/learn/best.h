/*
 * Best: the parameters and the optimiser's state that scored best so far, in a file of their own beside
 * the state of a run.
 *
 * The file may be of a later validation than the state, when a run was killed between writing the two:
 * going on from the state comes to that validation again and writes the same file again.
 */
#ifndef PODIUM_LEARN_BEST_H
#define PODIUM_LEARN_BEST_H

#include "common/learn/trainer.h"

/* Write what the learner has now, as of state.best_step, to settings.best_path. EX_CANTCREAT, EX_IOERR. */
bool best_save(const Trainer *trainer, Arena scratch, Failure *failure);

/* Whether the file is whole, and of this step or a later one. EX_NOINPUT, EX_DATAERR. */
bool best_check(const char *path, uint64_t step, Arena scratch, Failure *failure);

/* Give the learner what the file has. EX_NOINPUT, EX_DATAERR: it was removed or damaged meanwhile. */
bool best_load(Trainer *trainer, Arena scratch, Failure *failure);

#endif
