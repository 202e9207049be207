#include "common/base/philox.h"

/* One pass of the Feistel network over 2 * half_bits bits. */
static uint64_t feistel(PhiloxKey key, uint64_t epoch, unsigned half_bits, uint64_t value)
{
    uint64_t mask = ((uint64_t)1 << half_bits) - 1;
    uint64_t left = value >> half_bits, right = value & mask;
    for (uint64_t round = 0; round < 6; round++) {
        uint32_t words[4];
        philox(key, epoch, round << 48 | right, words);
        uint64_t mixed = left ^ (((uint64_t)words[0] << 32 | words[1]) & mask);
        left = right;
        right = mixed;
    }
    return left << half_bits | right;
}

uint64_t philox_permute(PhiloxKey key, uint64_t epoch, uint64_t size, uint64_t index)
{
    unsigned half_bits = 1;
    while (half_bits < 24 && (uint64_t)1 << (2 * half_bits) < size)
        half_bits++;
    do
        index = feistel(key, epoch, half_bits, index);
    while (index >= size);
    return index;
}
