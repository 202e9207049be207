/*
 * replay FILE...: try inputs one after another; for tests, and to look at a finding.
 *
 * Ends with "ok - FACT", or dies at the input that it named last.
 */
#include "harness.h"
#include "common/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* An input's own block of memory, so that a byte past its end is found. */
static uint8_t *read_input(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    if (!file || fseek(file, 0, SEEK_END) != 0)
        return NULL;
    *size = (size_t)ftell(file);
    rewind(file);
    uint8_t *bytes = malloc(*size ? *size : 1);
    if (bytes && fread(bytes, 1, *size, file) != *size) {
        free(bytes);
        bytes = NULL;
    }
    fclose(file);
    return bytes;
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        size_t size = 0;
        uint8_t *bytes = read_input(argv[i], &size);
        if (!bytes) {
            fprintf(stderr, "replay: %s: can't be read\n", argv[i]);
            return EX_NOINPUT;
        }
        printf("%s\n", argv[i]);
        fflush(stdout);
        harness_try(bytes, size);
        free(bytes);
    }
    printf("ok - fuzz %s: %d inputs are read or refused\n", harness.name, argc - 1);
    return EX_OK;
}
