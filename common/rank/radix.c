#include "common/rank/radix.h"

#include <stdbool.h>
#include <string.h>

#define DIGIT_BITS 11 // 2,048 counters: 16 KiB, half of a first-level cache
#define DIGITS ((size_t)1 << DIGIT_BITS)

/* Turn counts into places; false where all keys have the same digit. */
static bool places_of(size_t counts[DIGITS], size_t total)
{
    size_t place = 0;
    for (size_t digit = 0; digit < DIGITS; digit++) {
        size_t count = counts[digit];
        if (count == total)
            return false;
        counts[digit] = place;
        place += count;
    }
    return true;
}

ListEntry *radix_sort_entries(ListEntry *entries, ListEntry *spare, size_t count)
{
    size_t counts[DIGITS];
    for (unsigned shift = 0; shift < 64; shift += DIGIT_BITS) {
        memset(counts, 0, sizeof counts);
        for (size_t i = 0; i < count; i++)
            counts[entries[i].key >> shift & (DIGITS - 1)]++;
        if (count == 0 || !places_of(counts, count))
            continue;
        for (size_t i = 0; i < count; i++)
            spare[counts[entries[i].key >> shift & (DIGITS - 1)]++] = entries[i];
        ListEntry *sorted = spare;
        spare = entries;
        entries = sorted;
    }
    return entries;
}

uint64_t *radix_sort_upper(uint64_t *numbers, uint64_t *spare, size_t count)
{
    enum { PASSES = 3 };
    size_t counts[PASSES][DIGITS];
    memset(counts, 0, sizeof counts);
    for (size_t i = 0; i < count; i++)
        for (unsigned pass = 0; pass < PASSES; pass++)
            counts[pass][numbers[i] >> (32 + pass * DIGIT_BITS) & (DIGITS - 1)]++;
    for (unsigned pass = 0; pass < PASSES && count > 0; pass++) {
        if (!places_of(counts[pass], count))
            continue;
        for (size_t i = 0; i < count; i++)
            spare[counts[pass][numbers[i] >> (32 + pass * DIGIT_BITS) & (DIGITS - 1)]++] =
                numbers[i];
        uint64_t *sorted = spare;
        spare = numbers;
        numbers = sorted;
    }
    return numbers;
}
