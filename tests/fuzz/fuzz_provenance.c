/*
 * Provenance, and the key in it.
 */
#include "harness.h"
#include "memory_file.h"

#include "common/artifact/provenance.h"

#include <string.h>

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    Provenance provenance;
    char hash[SHA256_HEX_BYTES];
    char *text = arena_copy(arena, bytes, size, &failure);
    CHECK(text);
    provenance_seal(text, size); // which no mutation would get right
    memory_file(INPUT ".provenance", text, size);
    bool ok = provenance_read(&provenance, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    for (size_t i = 1; i < provenance.key.count; i++)
        CHECK(strcmp(provenance.key.fields[i - 1].name, provenance.key.fields[i].name) < 0);
    for (size_t i = 0; i < provenance.input_count; i++)
        CHECK(provenance.inputs[i].artifact && provenance.inputs[i].sha256);
    CHECK(key_equal(&provenance.key, &provenance.key));
    key_hash(&provenance.key, hash);
}

const Harness harness = { "provenance", try, NULL, 256, 1 << 16 };
