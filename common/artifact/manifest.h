/*
 * Manifest: the files of a folder, each with its digest and size, as text.
 *
 *   SHA256 BYTES NAME     a line a file, sorted by the names' bytes; names may have slashes
 */
#ifndef PODIUM_ARTIFACT_MANIFEST_H
#define PODIUM_ARTIFACT_MANIFEST_H

#include "common/base/arena.h"
#include "common/base/sha256.h"

#include <stdint.h>

typedef struct ManifestEntry {
    char sha256[SHA256_HEX_BYTES];
    uint64_t bytes;
    const char *name;
} ManifestEntry;

typedef struct Manifest {
    ManifestEntry *entries;
    size_t count, capacity;
} Manifest;

/*
 * Read a manifest.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: a line that is none, or a name that leads out of the folder
 */
bool manifest_read(Manifest *manifest, const char *path, Arena *arena, Failure *failure);

/* The same from text ("path:line" is said of its lines); stays true to the order of the lines. */
bool manifest_parse(Manifest *manifest, const char *text, size_t size, const char *path,
                    Arena *arena, Failure *failure);

/* Add an entry; the name is copied. */
bool manifest_add(Manifest *manifest, const char *sha256, uint64_t bytes, const char *name,
                  Arena *arena, Failure *failure);

/* Sort by name, so that the same files give the same text. */
void manifest_sort(Manifest *manifest);

/* The entry of a name in a sorted manifest, or NULL. */
const ManifestEntry *manifest_find(const Manifest *manifest, const char *name);

/* What the name of a manifest ends in: X.manifest is that of the folder X. */
#define MANIFEST_ENDING ".manifest"
bool manifest_is_name(const char *path);

/* Whether a name stays inside its folder: relative, without empty parts, "." and "..". */
bool manifest_name_is_inside(const char *name);

/* One line of a manifest, with its newline, as it stands in the file; its length. */
#define MANIFEST_LINE_BYTES ((size_t)1200)
size_t manifest_line(const ManifestEntry *entry, char line[MANIFEST_LINE_BYTES]);

#endif
