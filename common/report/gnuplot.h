/*
 * gnuplot: the program that draws, run as a filter from a script to a picture.
 */
#ifndef PODIUM_REPORT_GNUPLOT_H
#define PODIUM_REPORT_GNUPLOT_H

#include "common/report/text.h"

/*
 * Run gnuplot on a script, without any user's settings and in the C locale.
 *
 *   output   what it printed, in the arena: the same bytes for the same script and version
 *   failure  EX_UNAVAILABLE: it is not installed (says how to). EX_SOFTWARE: it refuses the script
 */
bool gnuplot_run(const char *script, Text *output, Arena *arena, Failure *failure);

/* Its version as it says it ("gnuplot 5.4 patchlevel 4"): it decides a picture's bytes. */
bool gnuplot_version(char **version, Arena *arena, Failure *failure);

#endif
