/*
 * Cache: artifacts by key, in a folder that several builds may share (cache_layout.h).
 *
 * Entries appear whole or not at all and are never changed, so writers need no lock; bytes are kept
 * once, however many keys have them. What is restored is hashed first: a hard link lets an edit of
 * an artifact reach the cache. A cache that can't be used costs time, never correctness: nothing
 * here fails a step.
 */
#ifndef PODIUM_ARTIFACT_CACHE_H
#define PODIUM_ARTIFACT_CACHE_H

#include "common/artifact/provenance.h"

/*
 * Restore the output made under a key to `path`, with its provenance, after verifying its bytes. An
 * entry that is damaged is removed.
 *
 *   output   the option that names it ("output", "curve"): one key may have several outputs
 *   wanted   key and inputs; the inputs' names enter the provenance, as another step may have
 *            entered the same under names of its own
 *   returns  false where the cache has it not, or not intact
 */
bool cache_restore(const char *folder, const char *output, const char *path,
                   const Provenance *wanted, Arena scratch);

/*
 * Whether the output made under this key can be restored to `path`, a manifest with all its files.
 * Hashes them, so that what is said is what cache_restore does; removes nothing.
 */
bool cache_has(const char *folder, const char *output, const char *path, const Key *key,
               Arena scratch);

/* Enter the artifact at `path`, under the key of its provenance, which stands beside it. */
void cache_enter(const char *folder, const char *output, const char *path,
                 const Provenance *provenance, Arena scratch);

/* Restore a file by its digest, after verifying its bytes; false where the cache has it not. */
bool cache_restore_file(const char *folder, const char *sha256, const char *path, Arena scratch);

/* Enter a file of an artifact of many, by its digest. */
void cache_enter_file(const char *folder, const char *sha256, const char *path);

#endif
