/*
 * Files: mapped for reading, and written so that they appear whole or not at all.
 */
#ifndef PODIUM_BASE_FILE_H
#define PODIUM_BASE_FILE_H

#include "common/base/arena.h"
#include "common/base/hash_beside.h"

#include <stdint.h>

/* A file's bytes, mapped read-only. */
typedef struct MappedFile {
    const uint8_t *bytes; // NULL for an empty file
    size_t size;
} MappedFile;

/*
 * Map a file. Close it with mapped_file_close.
 *
 *   failure  EX_NOINPUT: does not exist or can't be opened, or is not a plain file. EX_IOERR.
 */
bool mapped_file_open(MappedFile *file, const char *path, Failure *failure);
void mapped_file_close(MappedFile *file);

/* A whole file as a string in the arena (a zero byte after its end, not counted in size). */
bool file_read(const char *path, Arena *arena, char **text, size_t *size, Failure *failure);

/*
 * A file being written. It has no name until it is committed (or a temporary one in the same
 * folder, where the file system has no nameless files), so that a stop at any moment leaves nothing
 * behind. Large ones are hashed by a thread, and written by the disk, while they are still being made.
 */
typedef struct AtomicFile {
    int descriptor;       // -1: not open
    char path[1024];      // the name that commit gives it
    char temporary[1100]; // the name that it has until then; "" while it is nameless
    uint64_t size;        // bytes written so far
    HashBeside *hash;     // of the bytes handed to the system so far
    char *buffer;         // bytes not yet handed to it
    char *other;          // a second buffer, hashed meanwhile; NULL for a file that needs none
    size_t buffered;
} AtomicFile;

/*
 * Begin to write `path`, whose folder is made where it is missing.
 *
 *   failure  EX_CANTCREAT: the folder or the file can't be made
 */
bool atomic_file_open(AtomicFile *file, const char *path, Failure *failure);

/* Drop what was written, and begin again. EX_CANTCREAT. */
bool atomic_file_restart(AtomicFile *file, Failure *failure);

/* Append bytes. EX_IOERR: the system could not write (a full disk, for instance). */
bool atomic_file_write(AtomicFile *file, const void *bytes, size_t size, Failure *failure);

/* Append text formatted as printf does. */
bool atomic_file_print(AtomicFile *file, Failure *failure, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The digest of the bytes written so far. */
void atomic_file_digest(const AtomicFile *file, char sha256[SHA256_HEX_BYTES]);

/*
 * Flush to disk and give the file its name, replacing what had it.
 *
 *   sha256  the digest of its bytes; may be NULL
 */
bool atomic_file_commit(AtomicFile *file, char sha256[SHA256_HEX_BYTES], Failure *failure);

/* Drop a file that was not committed. Does nothing after a commit, or on { .descriptor = -1 }. */
void atomic_file_discard(AtomicFile *file);

/* Give an open file, perhaps a nameless one, a name that nothing has. false: errno says why not, perhaps EEXIST. */
bool file_link(int descriptor, const char *path);

/* Write a whole file atomically. */
bool file_write(const char *path, const void *bytes, size_t size, Failure *failure);

/* Make a folder and those above it. EX_CANTCREAT. */
bool folder_make(const char *path, Failure *failure);

/* The part of a path after its last slash. */
const char *path_name(const char *path);

/* The part of a path before its last slash, in the arena; "." where there is none. */
char *path_folder(const char *path, Arena *arena, Failure *failure);

#endif
