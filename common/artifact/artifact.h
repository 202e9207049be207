/*
 * Artifact: a file that a stage writes, with its provenance beside it. It appears whole or not at
 * all.
 */
#ifndef PODIUM_ARTIFACT_ARTIFACT_H
#define PODIUM_ARTIFACT_ARTIFACT_H

#include "common/artifact/stage.h"
#include "common/base/file.h"

typedef struct Artifact {
    AtomicFile file; // write to it with atomic_file_write
    Stage *stage;
    const char *kind;
    const char *path;
    const char *remark; // more members for X.log, as JSON begins them: ", \"left_out\": 3"; or NULL
} Artifact;

/*
 * Begin the stage's output (--output), unless it is there already.
 *
 * Completes the key from the stage's units, options and inputs. Where the artifact exists and its
 * provenance has the same key there is nothing to do; where the cache has the key, the artifact is
 * restored from it.
 *
 *   kind     "checkpoint", "predictions", "submission", "metrics", "index", ...
 *   returns  false with EX_OK: the artifact is there, the work is done (or --explain was answered)
 *   failure  EX_USAGE: no --output. EX_CANTCREAT.
 */
bool artifact_create(Artifact *artifact, Stage *stage, const char *kind, Failure *failure);

/*
 * The same for an output that stands for more than its own bytes (folder.h): where it is there, or
 * was just restored from the cache, `whole` says whether the rest is there too. It may restore it.
 */
typedef bool ArtifactWhole(const char *path, const char *cache, bool restored, Arena scratch);
bool artifact_create_whole(Artifact *artifact, Stage *stage, const char *kind, ArtifactWhole *whole,
                           Failure *failure);

/*
 * A second output of the same run (a curve beside a checkpoint), named by option `option`. Create
 * it after the stage's output, commit it before. Where the option was not given, artifact->path is
 * NULL and there is nothing to write; committing and discarding it then do nothing.
 */
bool artifact_create_beside(Artifact *artifact, Stage *stage, const char *kind, const char *option,
                            Failure *failure);

/*
 * Flush, rename, write provenance and log, and enter the artifact into the cache.
 *
 *   failure  EX_TEMPFAIL: an input changed while it was read. EX_IOERR, EX_CANTCREAT
 */
bool artifact_commit(Artifact *artifact, Failure *failure);

/* Remove an artifact and its provenance, before what it stands for changes. */
void artifact_remove(const char *path);

/* Drop what was not committed. Does nothing after a commit, or on { 0 }. */
void artifact_discard(Artifact *artifact);

#endif
