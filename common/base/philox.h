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
#if defined __AVX2__ && !defined __cplusplus
#include <immintrin.h>
#endif

/* Who draws: one seed and one purpose are one stream; streams of different purposes are
 * independent. */
typedef struct PhiloxKey {
    uint32_t word[2];
} PhiloxKey;

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

/* FNV-1a, 64 bits: names become numbers; the quality of the draws comes from Philox. */
static inline uint64_t philox_hash(const char *text)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++)
        hash = (hash ^ (uint8_t)*text) * 0x100000001b3u;
    return hash;
}

/* The key of a purpose ("dropout/hidden", "shuffle", a parameter's name) under a seed. */
static inline PhiloxKey philox_key(uint64_t seed, const char *purpose)
{
    PhiloxKey by_seed = { { (uint32_t)seed, (uint32_t)(seed >> 32) } };
    uint32_t words[4];
    philox(by_seed, 0, philox_hash(purpose), words);
    PhiloxKey key = { { words[0], words[1] } };
    return key;
}

#ifndef __cplusplus // kernels for CUDA have lanes of their own

/* Blocks that philox_wide computes side by side: two vectors of four lanes. */
#define PHILOX_LANES 8

/* Four words, each in the low half of a lane: what a high half holds doesn't matter. */
typedef uint64_t PhiloxLanes __attribute__((vector_size(32)));

static inline PhiloxLanes philox_times(PhiloxLanes words, uint32_t factor)
{
#ifdef __AVX2__ // one instruction, which the compiler doesn't find
    return (PhiloxLanes)_mm256_mul_epu32((__m256i)words, _mm256_set1_epi32((int)factor));
#else
    return (words & 0xffffffffu) * factor;
#endif
}

/*
 * philox for the counters (major, minor), (major, minor + 1), ...: words[w][lane] is word w of counter
 * minor + lane. The same numbers, several times as fast: no number moves between lanes, and two vectors
 * side by side hide the time that a product takes.
 */
static inline void philox_wide(PhiloxKey key, uint64_t major, uint64_t minor,
                               uint32_t words[4][PHILOX_LANES])
{
    PhiloxLanes state[4][2], none = { 0 }, first = { 0, 1, 2, 3 };
    uint32_t k0 = key.word[0], k1 = key.word[1];
    for (size_t half = 0; half < 2; half++) {
        state[0][half] = first + (minor + 4 * half);
        state[1][half] = state[0][half] >> 32;
        state[2][half] = none + major;
        state[3][half] = none + (major >> 32);
    }
    for (int round = 0; round < 10; round++) {
        for (size_t half = 0; half < 2; half++) {
            PhiloxLanes a = philox_times(state[0][half], PHILOX_M4x32_0);
            PhiloxLanes b = philox_times(state[2][half], PHILOX_M4x32_1);
            state[0][half] = (b >> 32) ^ state[1][half] ^ k0;
            state[2][half] = (a >> 32) ^ state[3][half] ^ k1;
            state[1][half] = b;
            state[3][half] = a;
        }
        k0 += PHILOX_W32_0;
        k1 += PHILOX_W32_1;
    }
    for (size_t w = 0; w < 4; w++)
        for (size_t lane = 0; lane < PHILOX_LANES; lane++)
            words[w][lane] = (uint32_t)state[w][lane / 4][lane % 4];
}

#endif

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
