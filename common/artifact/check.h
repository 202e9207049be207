/*
 * Check: whether an artifact still is what its provenance says.
 */
#ifndef PODIUM_ARTIFACT_CHECK_H
#define PODIUM_ARTIFACT_CHECK_H

#include "common/base/arena.h"

typedef enum ArtifactState {
    ARTIFACT_INTACT,
    ARTIFACT_MISSING,   // a file of it is not there
    ARTIFACT_ALTERED,   // a file of it has other bytes
    ARTIFACT_UNVOUCHED, // its provenance is missing, or can't be read
} ArtifactState;

/* "missing", "altered", ... */
const char *artifact_state_word(ArtifactState state);

/*
 * Hash an artifact's files, those that a manifest names too.
 *
 *   quick   only where they don't look as they did when they were checked last (seen.h)
 *   file    the first file that is wrong, in the arena; NULL where all is well
 */
ArtifactState artifact_check(const char *path, bool quick, const char **file, Arena *arena);

#endif
