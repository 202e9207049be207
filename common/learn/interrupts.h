/*
 * Interrupts: signals that ask a long step to stop, answered where the step can stop.
 *
 * SIGINT (a person), SIGTERM and SIGUSR1 (a scheduler that wants the machine back) are blocked and
 * looked for between two units of work, so no handler and no global state is needed.
 */
#ifndef PODIUM_LEARN_INTERRUPTS_H
#define PODIUM_LEARN_INTERRUPTS_H

#include <stdbool.h>

/* Hold these signals back from now on. Call it before the process has other threads. */
void interrupts_hold(void);

/* Whether one of them came. */
bool interrupts_came(void);

#endif
