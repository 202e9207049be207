/*
 * What libFuzzer calls.
 */
#include "harness.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *bytes, size_t size, size_t most);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    harness_try(bytes, size);
    return 0;
}

/* One input in eight stays as broken as the mutation made it. */
size_t LLVMFuzzerCustomMutator(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    size = LLVMFuzzerMutate(bytes, size, most);
    return harness.repair && seed % 8 ? harness.repair(bytes, size, most, seed / 8) : size;
}
