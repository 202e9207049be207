/*
 * Plan: what faults.so does to a build, in a file that the driver and every process of the build have
 * mapped. The interposer counts the calls that change something below a folder, and acts at one of them.
 */
#ifndef PODIUM_TESTS_TORTURE_PLAN_H
#define PODIUM_TESTS_TORTURE_PLAN_H

#include <stdint.h>

#define PLAN_VARIABLE "PODIUM_FAULTS" // environment: the plan's file
#define PLAN_PATH_BYTES 600

/* What a call is about. Each call is of one place, and of ANYWHERE too. */
typedef enum Place {
    PLACE_ANYWHERE,
    PLACE_PROGRESS,   // state of training, journals, locks
    PLACE_CACHE,      // entries of the cache
    PLACE_STAMP,      // stamps of steps
    PLACE_PROVENANCE, // provenance and what it is renamed from
    PLACE_SHARDS,     // files of artifacts of many files
    PLACE_ARTIFACT,   // all else
    PLACE_RECORD,     // not a call on a file: a record's checksum is being computed
    PLACES
} Place;

typedef enum Action {
    ACT_NOT,
    ACT_SIGNAL, // send `signal` to `whom`
    ACT_FAIL,   // the call fails with `error`, and all after it where `lasting`
    ACT_SHORT,  // this write and all after it take only a few bytes at once
    ACT_CLOCK,  // from here on it is `clock_seconds` later
    ACT_PAUSE,  // stop all processes of the build, until the driver goes on
    ACT_SWAP,   // give `shard` the bytes of `content[1]`, and of `content[0]` at `back_at`
} Action;

typedef enum Whom { WHOM_SELF, WHOM_MAKE, WHOM_MAKE_AND_SELF, WHOM_GROUP } Whom;

typedef struct Plan {
    char under[PLAN_PATH_BYTES]; // the folder, absolute
    char program[32];            // only its calls count; "": all
    Place place;
    Action action;
    uint64_t at, back_at; // numbers of calls, from 1 on; 0: never
    Whom whom;
    int32_t signal, error;
    int32_t lasting;
    int64_t clock_seconds;
    char shard[PLAN_PATH_BYTES], content[2][PLAN_PATH_BYTES], spare[PLAN_PATH_BYTES];
    int32_t by_rename; // swap by renaming `spare`, not by writing over the file
    // What happened:
    int32_t make; // process of make
    uint64_t seen[PLACES];
    int32_t acted;
} Plan;

#endif
