/*
 * Fixed file: a file of the repository that a harness reads its inputs against, read once.
 */
#ifndef PODIUM_TESTS_FUZZ_FIXED_FILE_H
#define PODIUM_TESTS_FUZZ_FIXED_FILE_H

#include "harness.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct FixedFile {
    uint8_t *bytes; // NULL: not read yet; never freed
    size_t size;
} FixedFile;

/* Read it, the first time. The program runs in the root of the repository. */
static inline void fixed_file(FixedFile *file, const char *path)
{
    if (file->bytes)
        return;
    FILE *from = fopen(path, "rb");
    if (!from || fseek(from, 0, SEEK_END) != 0) {
        fprintf(stderr, "%s: %s is missing; run in the root of the repository\n", harness.name,
                path);
        exit(EX_NOINPUT);
    }
    file->size = (size_t)ftell(from);
    file->bytes = malloc(file->size + 1);
    rewind(from);
    CHECK(file->bytes && fread(file->bytes, 1, file->size, from) == file->size);
    fclose(from);
}

#endif
