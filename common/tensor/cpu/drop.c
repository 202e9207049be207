#include "common/tensor/cpu/drop.h"

#define HALVES ((uint32_t)1 << 16) // values of 16 random bits

bool drop_rate_fits(OpShape *op, double rate)
{
    return (rate >= 0 && rate < 1)
        || op_refuse(op, "a rate of %g; it must be at least 0 and below 1", rate);
}

/* The draws of all elements that are drawn with one. */
static void draw(const OpRun *run, size_t first, uint32_t draws[DROP_AT_ONCE])
{
    uint32_t words[4][PHILOX_LANES];
    philox_wide(run->key, run->step, first / DROP_DRAWS, words);
    for (size_t block = 0; block < PHILOX_LANES; block++)
        for (size_t w = 0; w < 4; w++) {
            draws[block * DROP_DRAWS + 2 * w] = words[w][block] & 0xffff;
            draws[block * DROP_DRAWS + 2 * w + 1] = words[w][block] >> 16;
        }
}

void drop_factors(const OpRun *run, double rate, size_t begin, size_t end,
                  real factors[DROP_AT_ONCE])
{
    uint32_t threshold = (uint32_t)(rate * HALVES + 0.5), draws[DROP_AT_ONCE];
    real scale = (real)((double)HALVES / (HALVES - threshold));
    size_t skipped = begin % DROP_AT_ONCE;
    if (threshold == 0 || !run->training) {
        for (size_t i = begin; i < end; i++)
            factors[i - begin] = 1;
        return;
    }
    draw(run, begin - skipped, draws);
    for (size_t i = 0; i < end - begin; i++) // apart from the draws, so that both become vectors
        factors[i] = draws[skipped + i] >= threshold ? scale : 0;
}
