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

/* Blocks that philox_wide computes side by side: the lanes of a 256-bit vector. */
#define PHILOX_LANES 8

/*
 * philox for the counters (major, minor), (major, minor + 1), ...: words[w][lane] is word w of counter
 * minor + lane. The same numbers, several times as fast: the loop over lanes becomes vector instructions.
 */
static inline void philox_wide(PhiloxKey key, uint64_t major, uint64_t minor,
                               uint32_t words[4][PHILOX_LANES])
{
    uint32_t k0 = key.word[0], k1 = key.word[1];
    for (size_t lane = 0; lane < PHILOX_LANES; lane++) {
        words[0][lane] = (uint32_t)(minor + lane);
        words[1][lane] = (uint32_t)((minor + lane) >> 32);
        words[2][lane] = (uint32_t)major;
        words[3][lane] = (uint32_t)(major >> 32);
    }
    for (int round = 0; round < 10; round++) {
        for (size_t lane = 0; lane < PHILOX_LANES; lane++) {
            uint64_t a = (uint64_t)PHILOX_M4x32_0 * words[0][lane];
            uint64_t b = (uint64_t)PHILOX_M4x32_1 * words[2][lane];
            words[0][lane] = (uint32_t)(b >> 32) ^ words[1][lane] ^ k0;
            words[2][lane] = (uint32_t)(a >> 32) ^ words[3][lane] ^ k1;
            words[1][lane] = (uint32_t)b;
            words[3][lane] = (uint32_t)a;
        }
        k0 += PHILOX_W32_0;
        k1 += PHILOX_W32_1;
    }
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
