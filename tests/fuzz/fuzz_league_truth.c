/*
 * The truth of a league's test set, as `statistics` reads it.
 */
#include "harness.h"
#include "memory_file.h"

#include "common/league/measure.h"

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    RatingCounts counts;
    memory_file(INPUT "/truth.csv", bytes, size);
    bool ok = measure_test(&counts, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    if (ok)
        CHECK(counts.positives <= counts.ratings && counts.videos <= counts.ratings);
}

const Harness harness = { "league_truth", try, NULL, 4, 1 << 18 };
