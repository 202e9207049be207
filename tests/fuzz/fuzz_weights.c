/*
 * Weights files, which `tune` writes and `fuse` and `rankfuse` read.
 */
#include "harness.h"

#include "common/rank/weights_file.h"

#include <math.h>

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    WeightsFile file;
    double *weights;
    (void)bytes;
    (void)size;
    bool ok = weights_file_read(&file, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    CHECK(file.count > 0 && (!file.of_ranks || (isfinite(file.w0) && file.w0 > 0)));
    CHECK(arena_array(arena, weights, file.count, &failure));
    CHECK(weights_file_take(weights, &file, file.of_ranks, file.names, file.count, &failure));
    for (size_t i = 0; i < file.count; i++)
        CHECK(isfinite(weights[i]) && weights[i] >= 0);
}

const Harness harness = { "weights", try, NULL, 256, 1 << 16 };
