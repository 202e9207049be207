/*
 * X.seen: what an artifact's files looked like. Without files nothing is ever unchanged.
 */
#include "harness.h"
#include "memory_file.h"

#include "common/artifact/seen.h"

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    (void)arena;
    memory_file(INPUT ".seen", bytes, size);
    seen_is_unchanged(INPUT);
}

const Harness harness = { "seen", try, NULL, 8, 1 << 16 };
