/*
 * Random numbers by counter: the same (key, counter) gives the same number on every thread, machine
 * and device, and no state is kept anywhere.
 *
 * Source: Salmon et al., "Parallel random numbers: as easy as 1, 2, 3" (Philox4x32-10), through
 * Random123's header.
 */
#ifndef PODIUM_BASE_PHILOX_H
#define PODIUM_BASE_PHILOX_H

#include <stddef.h>
#include <stdint.h>
#include <Random123/philox.h>

/* Who draws: one seed and one purpose are one stream; streams of different purposes are
 * independent. */
typedef struct PhiloxKey {
    uint32_t word[2];
} PhiloxKey;

/* The key of a purpose ("dropout/hidden", "shuffle", a parameter's name) under a seed. */
PhiloxKey philox_key(uint64_t seed, const char *purpose);

/* Four random words of counter (major, minor), for instance (step, element). */
static inline void philox(PhiloxKey key, uint64_t major, uint64_t minor, uint32_t words[4])
{
    philox4x32_ctr_t counter = { { (uint32_t)minor, (uint32_t)(minor >> 32), (uint32_t)major,
                                   (uint32_t)(major >> 32) } };
    philox4x32_key_t k = { { key.word[0], key.word[1] } };
    philox4x32_ctr_t out = philox4x32(counter, k);
    for (size_t i = 0; i < 4; i++)
        words[i] = out.v[i];
}

/* A uniform number in [0, 1) with 24 random bits: exact in float. */
static inline double philox_uniform(uint32_t word)
{
    return (double)(word >> 8) * 0x1p-24;
}

/* A uniform index below `bound` (at least 1), unbiased to 2^-32 or better, from 64 random bits. */
static inline uint64_t philox_below(uint32_t high, uint32_t low, uint64_t bound)
{
    return (uint64_t)(((unsigned __int128)((uint64_t)high << 32 | low) * bound) >> 64);
}

/*
 * A random permutation of 0 .. size-1, computed and not stored: the image of `index`.
 *
 * A six-round Feistel network over the next even power of two, walked until it falls below size;
 * constant memory, a few dozen nanoseconds an index.
 */
uint64_t philox_permute(PhiloxKey key, uint64_t epoch, uint64_t size, uint64_t index);

#endif
