/*
 * Build: one make in the clone, with a plan or undisturbed, and all processes that it leaves behind.
 */
#ifndef PODIUM_TESTS_TORTURE_BUILD_H
#define PODIUM_TESTS_TORTURE_BUILD_H

#include "plan.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Where everything lies; all paths are absolute but `folder`. */
typedef struct Site {
    const char *clone;   // where make runs
    const char *folder;  // O, from there on
    const char *root;    // the same, absolute
    const char *library; // faults.so
    const char *scratch; // for logs, plans and shards
    Plan *plan;          // mapped from scratch/plan
} Site;

/* What make is asked for. */
typedef struct Order {
    const char *more;      // a word more on its command line, or NULL
    unsigned jobs;         // 0: no -j
    bool planned;          // with the plan
    const char *log;       // what it prints goes there
    const char *read_only; // a folder that it can't change anything in, or NULL
} Order;

#define BUILD_NO_RIGHTS 126 // its exit code where a folder can't be made read-only here

/* A make that is running. */
typedef struct Build {
    pid_t make;
    bool ended;
    int status; // as waitpid says
} Build;

/* Become who collects the processes that a killed make leaves behind. */
void build_prepare(void);

/* Start a make in a process group of its own; false where that can't be done. */
bool build_start(Build *build, const Site *site, const Order *order);

/* Wait until it ends; false after so many seconds. */
bool build_wait(Build *build, double seconds);

/* Wait until no process of any build is left; false where some had to be killed after so many seconds. */
bool build_wait_for_all(double seconds);

/* Sleep; what is too short to be measured is no time at all. */
void pause_for(double seconds);
double seconds_now(void);

#endif
