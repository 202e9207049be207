/*
 * Draws: random numbers of a league, each keyed by (seed, purpose, id), with the same bits on every
 * machine.
 *
 *   stream   words of Philox(key, id, 0, 1, 2, ...), one after another, for what is drawn in order
 *   normals  rows of them, each element by its own counter, for what is drawn in bulk:
 *            (sum of the 8 bytes of two words - 1020) / 209.02   (Irwin-Hall: variance 1)
 *            Block g of 8 counters gives 16: elements 16 g + lane from the words 0 and 1 of counter
 *            8 g + lane, elements 16 g + 8 + lane from its words 2 and 3.
 *
 * What needs a logarithm or a power is computed in double by common/base/elementary and rounded to
 * a multiple of 2^-16. Source: spec/league 1.
 */
#ifndef PODIUM_LEAGUE_DRAWS_H
#define PODIUM_LEAGUE_DRAWS_H

#include "common/base/philox.h"

#include <stdbool.h>

/* A stream of draws. */
typedef struct Draws {
    PhiloxKey key;
    uint64_t id, counter;
    uint32_t words[4];
    unsigned used; // of the four words
} Draws;

Draws draws_of(PhiloxKey key, uint64_t id);
Draws draws_begin(uint64_t seed, const char *purpose, uint64_t id);

double draw_uniform(Draws *draws);             // in [0, 1), 24 bits: one word
bool draw_chance(Draws *draws, double share);  // true with that probability: one word
size_t draw_below(Draws *draws, size_t bound); // two words
double draw_normal(Draws *draws);              // by the inverse of its distribution: one word
double draw_gamma(Draws *draws, double shape); // Marsaglia and Tsang's method; not rounded
double draw_beta(Draws *draws, double a, double b);
size_t draw_poisson(Draws *draws, double mean, size_t most);
size_t draw_geometric(Draws *draws, double mean); // 0, 1, 2, ...: (1-p)^k p

/* Beta(mean, sd); the mean itself where sd is 0 or the mean is 1. */
double draw_beta_of(Draws *draws, double mean, double sd);

/* An index, by weight; `total` is the weights' sum in their order and above 0. One word. */
size_t draw_weighted(Draws *draws, const double *weights, size_t count, double total);

/* x rounded to a multiple of 2^-16. */
double draw_rounded(double x);

/* 1 / 209.02: what the centred sum of 8 bytes is multiplied with to have variance 1. */
#define DRAW_NORMAL_SCALE (1.0f / 209.02f)
#define DRAW_NORMALS_A_BLOCK ((size_t)16)
#define DRAW_COUNTERS_A_BLOCK 8

/* The centred sums, not yet scaled, of 16 normals from `counter` on. */
static inline void draw_sums(PhiloxKey key, uint64_t id, uint64_t counter, float sums[16])
{
    uint32_t words[4][PHILOX_LANES];
    const uint32_t odd = 0x00ff00ff;
    philox_wide(key, id, counter, words);
    for (size_t half = 0; half < 2; half++)
        for (size_t lane = 0; lane < PHILOX_LANES; lane++) {
            uint32_t a = words[2 * half][lane], b = words[2 * half + 1][lane];
            uint32_t pairs = (a & odd) + (a >> 8 & odd) + (b & odd) + (b >> 8 & odd);
            sums[8 * half + lane] = (float)((int32_t)((pairs & 0xffff) + (pairs >> 16)) - 1020);
        }
}

/* to = from + scale * sums, `width` (a multiple of 16) of them. `to` may be `from`. */
void draw_add_normals(PhiloxKey key, uint64_t id, uint64_t counter, size_t width, const float *from,
                      const float *scale, float *to);

#endif
