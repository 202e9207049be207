/*
 * Segment split: the ids of a list that blanks separate, 64 bytes at a time, without a branch by byte.
 *
 * It is compiled into each of its callers with what they do with an id, so this is all in a header.
 */
#ifndef PODIUM_RANK_SEGMENT_SPLIT_H
#define PODIUM_RANK_SEGMENT_SPLIT_H

#include "common/rank/submission_csv.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

#define SEGMENT_SPLIT_BLOCK 64           // bytes: as many as a mask has bits
#define SEGMENT_SPLIT_MOST ((size_t)32)  // ids in a block: a byte and a blank each
#define SEGMENT_SPLIT_WHOLE ((size_t)16) // bytes that can be read at an id, though it be shorter

/* Takes id number `at` of a call. */
typedef void SegmentTake(void *to, size_t at, const char *text, size_t length);

#ifdef __AVX2__
/* A bit for each blank of a block: the lowest for the first. */
static inline uint64_t segment_split_blanks(const char *block)
{
    const __m256i blank = _mm256_set1_epi8(' ');
    __m256i first = _mm256_loadu_si256((const __m256i *)(const void *)block);
    __m256i second = _mm256_loadu_si256((const __m256i *)(const void *)(block + 32));
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(first, blank));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(second, blank));
    return (uint64_t)high << 32 | low;
}
#else
/* The same 8 bytes at a time. */
static inline uint64_t segment_split_blanks(const char *block)
{
    const uint64_t lows = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t blanks = 0, word;
    for (unsigned i = 0; i < SEGMENT_SPLIT_BLOCK; i += 8) {
        memcpy(&word, block + i, sizeof word);
        word ^= UINT64_C(0x2020202020202020); // zero where a blank is
        uint64_t tops = ~(((word & lows) + lows) | word | lows) >> 7;
        blanks |= (tops * UINT64_C(0x0102040810204080) >> 56)
            << i; // gathers the bytes' lowest bits
    }
    return blanks;
}
#endif

/* The next word of a text that blanks separate; false where there is none. */
static inline bool segment_split_word(const char **at, const char *end, const char **word,
                                      size_t *length)
{
    while (*at < end && **at == ' ')
        ++*at;
    const char *stop = memchr(*at, ' ', (size_t)(end - *at));
    stop = stop ? stop : end;
    *word = *at;
    *length = (size_t)(stop - *at);
    *at = stop;
    return *length > 0;
}

/* Take the ids that end within the next block, of which there may be none. */
__attribute__((always_inline)) static inline size_t
segment_split_block(ClassRow *row, void *to, size_t at, SegmentTake *take)
{
    const char *block = row->at;
    size_t count = 0, start = 0;
    for (uint64_t blanks = segment_split_blanks(block); blanks; blanks &= blanks - 1) {
        size_t stop = (size_t)__builtin_ctzll(blanks);
        if (stop > start)
            take(to, at + count++, block + start, stop - start);
        start = stop + 1;
    }
    row->at = block + start;
    return count;
}

/*
 * Take the next ids of a list, at most `most`; returns how many there were, 0 at its end.
 *
 *   take       may read SEGMENT_SPLIT_WHOLE bytes at an id's text
 *   take_last  may not: of ids near the list's end, and of long ones
 */
__attribute__((always_inline)) static inline size_t
segment_split(ClassRow *row, void *to, size_t most, SegmentTake *take, SegmentTake *take_last)
{
    size_t count = 0;
    while (count < most) {
        const char *at = row->at, *word;
        size_t length;
        if (count > 0 && most - count < SEGMENT_SPLIT_MOST)
            break; // no room for another block: rather the next call's first
        if (most - count >= SEGMENT_SPLIT_MOST
            && row->end - at >= (ptrdiff_t)(SEGMENT_SPLIT_BLOCK + SEGMENT_SPLIT_WHOLE))
            count += segment_split_block(row, to, count, take);
        if (row->at != at)
            continue;
        if (!segment_split_word(&row->at, row->end, &word, &length))
            break;
        take_last(to, count++, word, length);
    }
    return count;
}

#endif
