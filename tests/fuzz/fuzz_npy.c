/*
 * NPY: a row of floats.
 */
#include "harness.h"

#include "common/data/npy.h"

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    float *values;
    size_t count;
    (void)bytes;
    bool ok = npy_read(&values, &count, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    if (ok) {
        CHECK(count * sizeof *values < size);
        touch(values, count * sizeof *values);
    }
}

const Harness harness = { "npy", try, NULL, 4, 1 << 16 };
