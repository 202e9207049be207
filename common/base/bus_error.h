/*
 * BusError: what a program says when a file that it has mapped becomes shorter under its hands.
 */
#ifndef PODIUM_BASE_BUS_ERROR_H
#define PODIUM_BASE_BUS_ERROR_H

/*
 * From now on such a moment ends the program with one line on stderr and EX_TEMPFAIL, in place of
 * "Bus error". Temporary files have no name, so nothing is left behind.
 */
void bus_error_report(void);

#endif
