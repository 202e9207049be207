/*
 * Random numbers by counter on the device: those of common/base/philox.h.
 */
#ifndef PODIUM_TENSOR_CUDA_PHILOX_CUH
#define PODIUM_TENSOR_CUDA_PHILOX_CUH

#include "common/tensor/cuda/kernel.cuh"

struct PhiloxWords {
    uint32_t word[4];
};

static __device__ inline PhiloxWords philox_words(PhiloxKey key, uint64_t major, uint64_t minor)
{
    uint32_t c0 = (uint32_t)minor, c1 = (uint32_t)(minor >> 32);
    uint32_t c2 = (uint32_t)major, c3 = (uint32_t)(major >> 32);
    uint32_t k0 = key.word[0], k1 = key.word[1];
    for (int round = 0; round < 10; round++) {
        uint64_t a = (uint64_t)PHILOX_M4x32_0 * c0, b = (uint64_t)PHILOX_M4x32_1 * c2;
        c0 = (uint32_t)(b >> 32) ^ c1 ^ k0;
        c1 = (uint32_t)b;
        c2 = (uint32_t)(a >> 32) ^ c3 ^ k1;
        c3 = (uint32_t)a;
        k0 += PHILOX_W32_0;
        k1 += PHILOX_W32_1;
    }
    return PhiloxWords{ { c0, c1, c2, c3 } };
}

/* philox_permute: a Feistel network of six rounds, walked until it falls below size. */
static __device__ inline uint64_t philox_feistel(PhiloxKey key, uint64_t epoch, unsigned half_bits,
                                                 uint64_t value)
{
    uint64_t mask = ((uint64_t)1 << half_bits) - 1;
    uint64_t left = value >> half_bits, right = value & mask;
    for (uint64_t round = 0; round < 6; round++) {
        PhiloxWords words = philox_words(key, epoch, round << 48 | right);
        uint64_t mixed = left ^ (((uint64_t)words.word[0] << 32 | words.word[1]) & mask);
        left = right;
        right = mixed;
    }
    return left << half_bits | right;
}

static __device__ inline uint64_t philox_permuted(PhiloxKey key, uint64_t epoch, uint64_t size,
                                                  uint64_t index)
{
    unsigned half_bits = 1;
    while (half_bits < 24 && (uint64_t)1 << (2 * half_bits) < size)
        half_bits++;
    do
        index = philox_feistel(key, epoch, half_bits, index);
    while (index >= size);
    return index;
}

#endif
