/*
 * Progress of a long step on stderr: what runs, fraction done, rate, time left.
 *
 * On a terminal one line that is redrawn (terminal.h); elsewhere a plain line now and then; nothing where the
 * environment says QUIET=1. Work that fails is not ended: the failure's line takes the place of the redrawn one.
 */
#ifndef PODIUM_BASE_PROGRESS_H
#define PODIUM_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

typedef struct Progress {
    const char *what; // "train moe"
    const char *unit; // "samples": the rate is shown in units a second
    uint64_t total;   // 0: not known
    uint64_t first;   // where the work began, after a resume
    double started, shown;
    bool terminal, quiet;
} Progress;

/* Begin. `what` and `unit` are borrowed until progress_end. */
void progress_begin(Progress *progress, const char *what, const char *unit, uint64_t first,
                    uint64_t total);

/*
 * Say that `done` units are done, with a short note ("loss 12.3") or NULL. Prints at most every
 * 0.1 s on a terminal and every 60 s elsewhere; costs a clock read otherwise.
 */
void progress_update(Progress *progress, uint64_t done, const char *note);

/* Print the last line: what was done, in which time, at which rate; nothing after less than a second. */
void progress_end(Progress *progress, uint64_t done, const char *note);

/* Seconds of a clock that only goes forward. */
double progress_clock(void);

#endif
