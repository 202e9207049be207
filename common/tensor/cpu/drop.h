/*
 * Dropout's draws, for the op of that name and for ops that drop as a part of what they do.
 *
 *   factor_i = 1 / (1 - rate) where u_i >= rate, else 0
 *
 * u_i has 16 random bits of Philox under the key (seed, name) at counter (step, i / 8): of the block's
 * four words, half i mod 8 (the low half of each word first). So any piece can be drawn alone, again in
 * backward instead of being kept, and the same on any device. The rate is rounded to a multiple of
 * 2^-16.
 */
#ifndef PODIUM_TENSOR_CPU_DROP_H
#define PODIUM_TENSOR_CPU_DROP_H

#include "common/tensor/op.h"

#define DROP_DRAWS 8                             // elements that one block of Philox decides
#define DROP_AT_ONCE (DROP_DRAWS * PHILOX_LANES) // elements that are drawn side by side

/* How many elements from i on are drawn with it; at most `end`. */
static inline size_t drop_stop(size_t i, size_t end)
{
    size_t stop = i - i % DROP_AT_ONCE + DROP_AT_ONCE;
    return stop < end ? stop : end;
}

/*
 * The factors of elements begin .. end - 1 in the first places; 1 outside training, and where the rate
 * is 0.
 *
 *   end  at most drop_stop(begin, end)
 */
void drop_factors(const OpRun *run, double rate, size_t begin, size_t end,
                  real factors[DROP_AT_ONCE]);

/* A rate that ops take: at least 0 and below 1; else refuses. */
bool drop_rate_fits(OpShape *op, double rate);

#endif
