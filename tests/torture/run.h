/*
 * Run: one fault, from a state of the build that is known, to the end of an ordinary make.
 */
#ifndef PODIUM_TESTS_TORTURE_RUN_H
#define PODIUM_TESTS_TORTURE_RUN_H

#include "build.h"
#include "snapshot.h"
#include "common/base/philox.h"

/* The undisturbed builds: of the shards as they are, of one altered shard, with another flag. */
typedef enum Which { AS_IT_IS, ALTERED, OTHER_FLAG, REFERENCES } Which;

typedef struct References {
    Snapshot snapshots[REFERENCES];
    uint64_t calls[REFERENCES]
                  [PLACES]; // of each undisturbed build; but for the first, of what is new
    const char *flag;       // the other one, as a word for make
} References;

typedef struct Run {
    const Site *site;
    const References *references;
    PhiloxKey key;
    uint64_t number, draws;
    Arena arena;
    FILE *said;        // what is found wrong
    char what[900];    // what was done, for people
    char damaged[600]; // a path, from the build's folder on, that may be wrong; ""
    Which result;      // what the ordinary make at the end must give
    const char *more;  // a word more for it, or NULL
    bool mixed;        // two makes with different flags ran at once
    bool at_once;      // it begins while processes of the disturbed one may still run
    bool finished;     // the disturbing has seen to the end itself
    bool skipped;      // the fault can't be done on this machine; `what` says why
    bool ok;
} Run;

/* A number below n, at least 1. */
uint64_t draw(Run *run, uint64_t n);

/* Append to what was done. */
void note(Run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Find something wrong: it goes to `said`, and the run isn't ok. Returns false. */
bool wrong(Run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Run a line of the shell; false where it fails. */
bool command(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * States to begin from: nothing but the shards; everything, as the undisturbed build left it; or one of
 * these at random, where the latter has something new to follow: an altered shard, another flag.
 */
void begin_with_nothing(Run *run);
void begin_with_all(Run *run);
void begin_somewhere(Run *run);

/* The plan, with nothing planned. */
Plan *plan_begin(Run *run);

/* Plan to act at a random call: at a random place, each as likely, or at this one. */
void plan_somewhere(Run *run);
void plan_at(Run *run, Place place);

/* Run make to its end; false where it hangs. `status` as waitpid says. */
bool make_whole(Run *run, const Order *order, int *status);

/* Start make, wait until the call of the plan has come, then a little longer; true if it still runs. */
bool make_until(Run *run, Build *build, const Order *order, double seconds_more);

/* Whether the build is the one of `which`, with nothing more and nothing less. */
bool is_complete(Run *run, Which which, const char *when);

/* Whether what has provenance is right. */
bool is_true(Run *run, const char *when);

/* The log of make number i (0: the disturbed, 1: the other one, 2: the last). */
const char *log_path(Run *run, int i);

/* Names of the artifacts that a make says it has made, a line each, in the arena. */
const char *made_in(Run *run, const char *log);

/*
 * The end of a run: wait, check, make, compare. What was finished before must not have been made again.
 */
void finish(Run *run);

#endif
