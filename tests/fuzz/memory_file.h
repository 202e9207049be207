/*
 * Memory files: what the library would open, mapped from memory, without a system call.
 *
 * Programs that link memory_file.c ask the linker to put its functions in the place of the library's
 * own (fuzz.mk: --wrap). A byte read past the end of such a file is found, which a mapping's last
 * page would hide.
 */
#ifndef PODIUM_TESTS_FUZZ_MEMORY_FILE_H
#define PODIUM_TESTS_FUZZ_MEMORY_FILE_H

#include <stddef.h>

/*
 * Let `path` be a file of these bytes, which are borrowed until memory_file_reset. A path that
 * begins with '*' stands for all paths that end so.
 */
void memory_file(const char *path, const void *bytes, size_t size);

/* From now on there are no files. */
void memory_file_reset(void);

/* Bytes of arenas that were opened and closed since the reset. */
size_t memory_file_arena_bytes(void);

#endif
