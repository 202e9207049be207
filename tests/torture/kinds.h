/*
 * Kinds of faults, in the order in which they take turns.
 */
#ifndef PODIUM_TESTS_TORTURE_KINDS_H
#define PODIUM_TESTS_TORTURE_KINDS_H

#include "run.h"

typedef struct Kind {
    const char *name;
    void (*disturb)(Run *run, const struct Kind *kind); // begins with a state, does it, notes what
    int signal, whom;                                   // of those that send one
    int error, lasting;                                 // of those that let calls fail
    int early;                                          // one of the few that the shorter run has
} Kind;

extern const Kind kinds[];
extern const size_t kind_count;

/* In faults that stop or fail a build, that change what is read, and that change what was made. */
void stop_build(Run *run, const Kind *kind);
void fail_call(Run *run, const Kind *kind);
void write_little(Run *run, const Kind *kind);
void fill_disk(Run *run, const Kind *kind);
void take_rights(Run *run, const Kind *kind);
void make_twice(Run *run, const Kind *kind);
void make_twice_otherwise(Run *run, const Kind *kind);
void change_shard(Run *run, const Kind *kind);
void change_shard_in_scan(Run *run, const Kind *kind);
void damage_artifact(Run *run, const Kind *kind);
void damage_provenance(Run *run, const Kind *kind);
void flip_byte(Run *run, const Kind *kind);
void damage_entry(Run *run, const Kind *kind);
void damage_entry_provenance(Run *run, const Kind *kind);
void damage_state(Run *run, const Kind *kind);
void jump_clock(Run *run, const Kind *kind);
void touch_files(Run *run, const Kind *kind);
void lose_stamps(Run *run, const Kind *kind);
void lose_progress(Run *run, const Kind *kind);
void leave_journals(Run *run, const Kind *kind);

#endif
