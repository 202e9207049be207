/*
 * Terminal: whether stderr is wanted, whether a line of it can be drawn again, and how it is erased.
 */
#ifndef PODIUM_BASE_TERMINAL_H
#define PODIUM_BASE_TERMINAL_H

#include <stdbool.h>

#define TERMINAL_ERASE "\r\033[K" // back to the line's begin, and nothing behind it

/* Whether stderr is a terminal, where the environment doesn't say otherwise: by CI, NO_COLOR or TERM=dumb. */
bool terminal_redraws(void);

/* Whether the environment asks for failures and warnings alone, by QUIET: neither empty nor 0. */
bool terminal_is_quiet(void);

#endif
