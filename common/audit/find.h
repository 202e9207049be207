/*
 * Find: the artifacts in folders.
 */
#ifndef PODIUM_AUDIT_FIND_H
#define PODIUM_AUDIT_FIND_H

#include "common/base/arena.h"

typedef struct ArtifactPaths {
    const char **path; // sorted, each once
    size_t count, capacity;
} ArtifactPaths;

/*
 * Find all artifacts in files and folders: what has a provenance beside it, or had one when it was
 * looked at last (X.seen). Shards in the folder of a manifest are no artifacts of their own.
 *
 *   failure  EX_NOINPUT: a folder can't be read
 */
bool artifacts_find(ArtifactPaths *paths, const char *const from[], size_t count, Arena *arena,
                    Failure *failure);

#endif
