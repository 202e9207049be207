/*
 * Terminal: whether a line of stderr can be drawn again, and how it is erased.
 */
#ifndef PODIUM_BASE_TERMINAL_H
#define PODIUM_BASE_TERMINAL_H

#include <stdbool.h>

#define TERMINAL_ERASE "\r\033[K" // back to the line's begin, and nothing behind it

/* Whether stderr is a terminal, where the environment doesn't say otherwise: by CI, NO_COLOR or TERM=dumb. */
bool terminal_redraws(void);

#endif
