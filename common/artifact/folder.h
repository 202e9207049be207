/*
 * Artifact of many files: a manifest X.manifest, and the files that it names in the folder X.
 *
 * The manifest is the artifact: it has the provenance, its digest stands for all files, and it is
 * renamed into place last. Each file appears whole or not at all. While files are being replaced
 * there is no manifest but X.manifest.begun, which says under which key, and what is done already:
 * a run that was stopped goes on under the same key. The cache keeps files by their digest.
 *
 * The folder belongs to its manifest: at a commit, or when it is restored from the cache, whatever
 * else is in it is removed. So a folder that has files but none of X.manifest, its provenance and
 * X.manifest.begun beside it is not touched, but refused.
 */
#ifndef PODIUM_ARTIFACT_FOLDER_H
#define PODIUM_ARTIFACT_FOLDER_H

#include "common/artifact/artifact.h"
#include "common/artifact/manifest.h"

#include <pthread.h>

typedef struct ArtifactFolder {
    Artifact manifest;
    Stage *stage;
    const char *root;  // the folder X
    const char *begun; // X.manifest.begun
    pthread_mutex_t lock;
    bool open, replacing; // replacing: the old manifest is gone
    Manifest done;        // files closed so far
    Manifest before;      // those that a stopped run under this key had closed; sorted
} ArtifactFolder;

/*
 * Begin the stage's output, --output X.manifest, unless it is there with all its files, or comes
 * back from the cache.
 *
 *   returns  false with EX_OK: the artifact is there, the work is done
 *   failure  EX_USAGE: no --output, or not one that ends in .manifest. EX_CANTCREAT: the folder has
 *            files that are not this artifact's
 */
bool artifact_folder_create(ArtifactFolder *folder, Stage *stage, const char *kind,
                            Failure *failure);

/*
 * Begin a file of the folder: NAME, or SUBFOLDER/NAME. Write to it as to any AtomicFile. Several
 * threads may open, write and close different files at once.
 */
bool artifact_folder_open_file(ArtifactFolder *folder, const char *name, AtomicFile *file,
                               Failure *failure);

/* Flush a file, rename it into place, enter it into the manifest. */
bool artifact_folder_close_file(ArtifactFolder *folder, AtomicFile *file, Failure *failure);

/*
 * Whether a run under this key that was stopped had closed this file, and its bytes still have
 * their digest: then it is part of the artifact and need not be made. Reads the file.
 */
bool artifact_folder_has(ArtifactFolder *folder, const char *name, Failure *failure);

/* Write the manifest and its provenance, enter all into the cache, remove what is not in it. */
bool artifact_folder_commit(ArtifactFolder *folder, Failure *failure);

/*
 * Stop without a commit: files that were closed stay for the next run. Does nothing after a commit,
 * or on { 0 }.
 */
void artifact_folder_discard(ArtifactFolder *folder);

#endif
