/*
 * Ranked: a score and what breaks its ties, in one number that orders as wanted.
 *
 *   ranked = order(score) u32 << 32 | ~tie u32
 *
 * The greater number is the better one: the higher score, and among equal scores the smaller tie
 * (the rank of an id, a class). So the order depends on nothing but content, and comparing,
 * selecting and sorting work on plain 64-bit numbers. -0 and 0 are equal scores.
 */
#ifndef PODIUM_RANK_RANKED_H
#define PODIUM_RANK_RANKED_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* A float's bits, changed so that they order as the number does; not for NaN. */
static inline uint32_t order_of_float(float score)
{
    uint32_t bits;
    score += 0.0f; // -0 becomes 0
    memcpy(&bits, &score, sizeof bits);
    return bits ^ (bits >> 31 ? UINT32_MAX : (uint32_t)1 << 31);
}

static inline float float_of_order(uint32_t order)
{
    float score;
    uint32_t bits = order ^ (order >> 31 ? (uint32_t)1 << 31 : UINT32_MAX);
    memcpy(&score, &bits, sizeof score);
    return score;
}

static inline uint64_t order_of_double(double score)
{
    uint64_t bits;
    score += 0.0;
    memcpy(&bits, &score, sizeof bits);
    return bits ^ (bits >> 63 ? UINT64_MAX : (uint64_t)1 << 63);
}

static inline uint64_t ranked(float score, uint32_t tie)
{
    return (uint64_t)order_of_float(score) << 32 | (uint32_t)~tie;
}

static inline float ranked_score(uint64_t item)
{
    return float_of_order((uint32_t)(item >> 32));
}

static inline uint32_t ranked_tie(uint64_t item)
{
    return ~(uint32_t)item;
}

#endif
