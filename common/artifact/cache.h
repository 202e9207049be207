/*
 * Cache: artifacts by key, in a folder that several builds may share.
 *
 *   FOLDER/HH/KEYHASH.OUTPUT             the artifact's bytes (HH: the first two digits)
 *   FOLDER/HH/KEYHASH.OUTPUT.provenance  its provenance
 *   FOLDER/HH/SHA256.file                a file of an artifact of many, by its content
 *
 * Entries appear whole or not at all and are never changed, so writers need no lock. A cache that
 * can't be used costs time, never correctness: nothing here fails a step.
 */
#ifndef PODIUM_ARTIFACT_CACHE_H
#define PODIUM_ARTIFACT_CACHE_H

#include "common/artifact/provenance.h"

/*
 * Restore the output made under this key to `path`, with its provenance, after verifying its bytes.
 *
 *   output   the option that names it ("output", "curve"): one key may have several outputs
 *   returns  false where the cache has it not, or not intact
 */
bool cache_restore(const char *folder, const char *output, const char *path, const Key *key,
                   Arena scratch);

/*
 * Whether the output made under this key can be restored to `path`, a manifest with all its files.
 * Hashes them, so that what is said is what cache_restore does.
 */
bool cache_has(const char *folder, const char *output, const char *path, const Key *key,
               Arena scratch);

/* Enter the artifact at `path`, under the key of its provenance. */
void cache_enter(const char *folder, const char *output, const char *path,
                 const Provenance *provenance);

/* Restore a file by its digest, after verifying its bytes; false where the cache has it not. */
bool cache_restore_file(const char *folder, const char *sha256, const char *path, Arena scratch);

/* Enter a file of an artifact of many, by its digest. */
void cache_enter_file(const char *folder, const char *sha256, const char *path);

#endif
