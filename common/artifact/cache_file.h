/*
 * CacheFile: what a cache does with single files, which other users and machines may remove, cut
 * short or damage at any moment.
 *
 * Nothing is mapped, because bytes that go away under a mapping kill the program. A file that was
 * opened is used to its end: whoever removes its name meanwhile takes nothing from it.
 */
#ifndef PODIUM_ARTIFACT_CACHE_FILE_H
#define PODIUM_ARTIFACT_CACHE_FILE_H

#include "common/base/arena.h"
#include "common/base/sha256.h"

#include <stdint.h>

typedef enum CacheResult {
    CACHE_DONE,
    CACHE_MISSING, // there is no such file
    CACHE_DAMAGED, // its bytes are not those of the digest
    CACHE_REFUSED, // the system doesn't let us read or write; says nothing of the file
} CacheResult;

/* A whole file as a string in the arena (a zero byte after its end, not counted in size). */
CacheResult cache_file_read(const char *path, Arena *arena, char **text, size_t *size);

/* Whether a file's bytes have this digest. */
CacheResult cache_file_check(const char *path, const char *sha256);

/*
 * The bytes of `from` under the name `to`, replacing what had it: as a copy that shares its blocks
 * (reflink) where the file system has such, else as a hard link, else as a copy.
 *
 *   sha256    the digest that they should have
 *   verify    whether they are hashed; a copy is in any case. Bytes that have another digest don't
 *             stay under the name `to`.
 */
CacheResult cache_file_place(const char *from, const char *to, const char *sha256, bool verify);

#endif
