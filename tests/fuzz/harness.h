/*
 * Harness: one reader of untrusted bytes, fed with any bytes.
 *
 * tests/fuzz/fuzz_NAME.c defines `harness`. libFuzzer drives it (engine.c), and so does replay.c,
 * which reads files. No harness touches the file system: readers that take a path are linked with
 * memory_file.c in place of the functions that open files.
 */
#ifndef PODIUM_TESTS_FUZZ_HARNESS_H
#define PODIUM_TESTS_FUZZ_HARNESS_H

#include "common/base/arena.h"

#include <stdint.h>

typedef struct Harness {
    const char *name;
    /* Read the bytes, use what was read, check what must hold. The arena is empty each time. */
    void (*try)(const uint8_t *bytes, size_t size, Arena *arena);
    /*
     * Make bytes that were mutated more like a file of the format: set checksums and lengths, or
     * nothing gets past them. Optional. Returns the new size, at most `most`.
     */
    size_t (*repair)(uint8_t *bytes, size_t size, size_t most, unsigned seed);
    /* The memory that reading may take: factor * size + constant. */
    size_t factor, constant;
} Harness;

extern const Harness harness;

/* Try one input, and stop the program where its memory went beyond the harness's limit. */
void harness_try(const uint8_t *bytes, size_t size);

/* The path under which the input is read by readers that take one. */
#define INPUT "input"

/*
 * What must hold of any reader: it succeeds without a failure, or fails with a code that blames the
 * data and one line of text that names the input.
 */
void check_outcome(bool ok, const Failure *failure);

/* Stop, saying where, if something that must hold doesn't. Stays on in every build. */
#define CHECK(holds) ((holds) ? (void)0 : check_failed(__FILE__, __LINE__, #holds))
_Noreturn void check_failed(const char *file, int line, const char *what);

/* Make every byte count: a reader's promise of so many bytes is held against the sanitizers. */
void touch(const void *bytes, size_t size);

#endif
