/*
 * TensorBoard's events: the input is one event, which follows the one that says the version.
 */
#include "harness.h"
#include "discard.h"
#include "memory_file.h"
#include "records.h"

#include "common/data/inspect.h"

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    static const uint8_t version[] = "\x1a\x0d"
                                     "brain.Event:2";
    Failure failure = { 0 };
    uint8_t *file;
    CHECK(arena_array(arena, file, size + sizeof version - 1 + 2 * FRAME_BYTES, &failure));
    size_t first = put_record(file, version, sizeof version - 1);
    size_t all = first + put_record(file + first, bytes, size);
    memory_file_reset();
    memory_file(INPUT, file, all);
    FILE *to = discard();
    bool ok = inspect_file(INPUT, (InspectRange){ 0 }, to, *arena, &failure);
    check_outcome(ok, &failure);
}

const Harness harness = { "events", try, NULL, 4, 1 << 20 };
