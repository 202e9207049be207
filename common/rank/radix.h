/*
 * Radix sorts by score: stable, linear, digits that all keys share are skipped.
 */
#ifndef PODIUM_RANK_RADIX_H
#define PODIUM_RANK_RADIX_H

#include <stddef.h>
#include <stdint.h>

/* An entry of a list over all videos. */
typedef struct ListEntry {
    uint64_t key; // ascending; ~order_of_double(score) for the best first
    uint32_t class;
    uint32_t positive;
} ListEntry;

/*
 * Sort by key, ascending; equal keys stay in their order.
 *
 *   spare    [count]
 *   returns  the sorted entries: either `entries` or `spare`
 */
ListEntry *radix_sort_entries(ListEntry *entries, ListEntry *spare, size_t count);

/* Sort numbers by their upper 32 bits, ascending; equal ones stay in their order. As above. */
uint64_t *radix_sort_upper(uint64_t *numbers, uint64_t *spare, size_t count);

#endif
