/*
 * Snapshot: the files of a build and their hashes, to be compared with those of an undisturbed one.
 *
 * Left out is what may differ between two builds: logs, events, what was remembered of files (.scan,
 * .seen), and the locks of steps. Everything else is looked at, so that what should not be there is seen
 * whatever its name is.
 */
#ifndef PODIUM_TESTS_TORTURE_SNAPSHOT_H
#define PODIUM_TESTS_TORTURE_SNAPSHOT_H

#include "common/base/arena.h"
#include "common/base/sha256.h"

#include <stdio.h>

typedef struct SnapshotFile {
    const char *path; // from the build's folder on
    char sha256[SHA256_HEX_BYTES];
} SnapshotFile;

typedef struct Snapshot {
    SnapshotFile *files; // sorted by path
    size_t count;
} Snapshot;

/* Look at submissions, reports, cache and progress of a build's folder. */
bool snapshot_take(Snapshot *snapshot, const char *folder, Arena *arena, Failure *failure);

/* The file of a path, or NULL. */
const SnapshotFile *snapshot_find(const Snapshot *snapshot, const char *path);

/* What a build is held against. */
typedef struct Truth {
    const Snapshot *undisturbed; // [count]
    size_t count;
    const char *damaged; // a path that is known to be wrong; ""
    bool mixed; // two makes with different flags ran at once: some of what they made is of both
} Truth;

/*
 * Whether a build has the files of the undisturbed one, with the same bytes; says which differ, up to a
 * few. The cache may have less, as it costs time and no more, and entries of other undisturbed builds; and
 * the one that is known to be damaged, where nobody asked for it.
 */
bool snapshot_same(const Snapshot *expected, const Snapshot *found, const Truth *truth, FILE *said);

/*
 * Whether everything in a folder that has provenance is what that says, and is in one of the undisturbed
 * builds, with the same provenance.
 */
bool snapshot_is_true(const Snapshot *found, const char *folder, const Truth *truth, Arena scratch,
                      FILE *said);

#endif
