/*
 * A checkpoint's metadata: the network that it describes.
 */
#include "harness.h"
#include "tensors.h"

#include "common/learn/checkpoint.h"
#include "models/layers/stored_network.h"

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    SafetensorsReader reader;
    NetworkSpec spec;
    (void)bytes;
    (void)size;
    bool ok = checkpoint_open(&reader, INPUT, CHECKPOINT_KIND, arena, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    ok = network_spec_recall(&spec, &reader, arena, &failure);
    check_outcome(ok, &failure);
    CHECK(!ok || network_unit(&spec, arena, &failure));
    safetensors_close(&reader);
}

const Harness harness = { "checkpoint", try, repair_tensors, 256, 1 << 20 };
