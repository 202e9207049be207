/*
 * Any file, as `inspect` prints it: records, safetensors, JSON, CSV, or none of them.
 */
#include "harness.h"
#include "discard.h"
#include "records.h"

#include "common/data/inspect.h"

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    InspectRange part = { size ? bytes[0] % 3 : 0, size ? bytes[size - 1] % 5 : 0, true };
    bool ok = inspect_file(INPUT, (InspectRange){ 0 }, discard(), *arena, &failure);
    check_outcome(ok, &failure);
    inspect_file(INPUT, part, discard(), *arena, &(Failure){ 0 });
}

/* Half of the inputs become files of records, as far as that goes. */
static size_t repair(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    TfrecordCompression compression;
    (void)most;
    if (seed % 2 && tfrecord_recognize(bytes, size, &compression))
        repair_records(bytes, size);
    return size;
}

const Harness harness = { "inspect", try, repair, 256, 1 << 20 };
