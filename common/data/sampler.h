/*
 * Sampler: which item comes at which place of which epoch, computed and not stored.
 *
 * Sample n is place n mod size of epoch n / size, so any sample can be the next one: there is no
 * state to keep. Places are those of the whole population in the index's order; where shards begin
 * and end doesn't enter.
 */
#ifndef PODIUM_DATA_SAMPLER_H
#define PODIUM_DATA_SAMPLER_H

#include "common/base/philox.h"

#include <stdbool.h>

typedef struct Sampler {
    uint64_t size; // items in an epoch, at least 1
    bool shuffle;  // false: in their order
    /*
     * 0: over everything. Otherwise, for slow disks: an epoch is cut into blocks of neighbours, the
     * blocks are shuffled, and items are shuffled within each run of about this many, which
     * SAMPLER_BLOCKS blocks make up. So at most SAMPLER_BLOCKS stretches of storage are read at a
     * time. Each epoch is cut at other places.
     */
    uint64_t window;
    PhiloxKey key, block_key; // philox_key(seed, "shuffle"), (seed, "shuffle/blocks")
} Sampler;
#define SAMPLER_BLOCKS ((uint64_t)16)

/* A sampler of `size` items under a seed. */
Sampler sampler_of(uint64_t size, bool shuffle, uint64_t window, uint64_t seed);

/* The number of the item that is sample `sample`, counted over all epochs. */
uint64_t sampler_item(const Sampler *sampler, uint64_t sample);

#endif
