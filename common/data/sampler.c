#include "common/data/sampler.h"

Sampler sampler_of(uint64_t size, bool shuffle, uint64_t window, uint64_t seed)
{
    return (Sampler){ size, shuffle, window, philox_key(seed, "shuffle"),
                      philox_key(seed, "shuffle/blocks") };
}

/* Windows of an epoch are streams of their own: an epoch has fewer than 2^32 of them. */
static uint64_t window_stream(uint64_t epoch, uint64_t window)
{
    return epoch << 32 | window;
}

/*
 * The item at a place of an epoch that is shuffled by windows. Whole blocks come in random order;
 * what is left over, less than a block, comes last. The epoch's origin turns at random, so that
 * what is left over is another stretch each time.
 */
static uint64_t windowed(const Sampler *sampler, uint64_t epoch, uint64_t place)
{
    uint64_t block = (sampler->window + SAMPLER_BLOCKS - 1) / SAMPLER_BLOCKS;
    uint64_t blocks = sampler->size / block, run = block * SAMPLER_BLOCKS;
    uint64_t window = place / run, begin = window * run;
    uint64_t length = sampler->size - begin < run ? sampler->size - begin : run;
    place =
        begin + philox_permute(sampler->key, window_stream(epoch, window), length, place - begin);
    uint64_t number = place / block;
    if (number < blocks)
        number = philox_permute(sampler->block_key, epoch, blocks, number);
    uint32_t words[4];
    philox(sampler->block_key, epoch, UINT64_MAX, words);
    uint64_t origin = philox_below(words[0], words[1], sampler->size);
    return (origin + number * block + place % block) % sampler->size;
}

uint64_t sampler_item(const Sampler *sampler, uint64_t sample)
{
    uint64_t epoch = sample / sampler->size, place = sample % sampler->size;
    if (sampler->shuffle && sampler->window && sampler->window < sampler->size)
        place = windowed(sampler, epoch, place);
    else if (sampler->shuffle)
        place = philox_permute(sampler->key, epoch, sampler->size, place);
    return place;
}
