/*
 * Safetensors: the header, and every byte that it says is there.
 */
#include "harness.h"
#include "tensors.h"

#include "common/data/safetensors.h"

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    SafetensorsReader reader;
    bool ok = safetensors_of_bytes(&reader, INPUT, bytes, size, arena, &failure);
    uint64_t total = 0;
    check_outcome(ok, &failure);
    for (size_t i = 0; ok && i < reader.count; i++) {
        const StoredTensor *tensor = &reader.tensors[i];
        touch(tensor->bytes, tensor->size);
        total += tensor->size;
        CHECK((uintptr_t)tensor->bytes % stored_type_bytes(tensor->type) == 0);
        CHECK(tensor->size == tensor->count * stored_type_bytes(tensor->type));
        CHECK(safetensors_find(&reader, tensor->name) == tensor);
        CHECK(safetensors_array(&reader, tensor->name, tensor->type, tensor->count, &failure));
    }
    for (size_t i = 0; ok && i < reader.metadata_count; i++)
        CHECK(safetensors_metadata(&reader, reader.metadata[i].name) == reader.metadata[i].value);
    CHECK(!ok || total < size);
}

const Harness harness = { "safetensors", try, repair_tensors, 256, 1 << 16 };
