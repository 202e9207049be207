/*
 * Segment split: the ids of a list that blanks separate, 64 bytes at a time, without a branch by byte.
 *
 *   while (segments are left)
 *       if (segment_block_open(&block, &row)) {
 *           while (segment_block_next(&block, &text, &length)) ...
 *           segment_block_close(&block, &row);
 *       } else if (segment_split_word(&row.at, row.end, &text, &length)) ...
 *
 * All in a header: it is compiled into what its callers do with an id.
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

/* The place of the lowest bit; 64 where there is none. */
static inline uint32_t segment_split_lowest(uint64_t bits)
{
#if defined __BMI__ && defined __AVX2__
    return (uint32_t)_tzcnt_u64(bits); // which needs no branch
#else
    return bits ? (uint32_t)__builtin_ctzll(bits) : 64;
#endif
}

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

/* The ids that end within a block. */
typedef struct SegmentBlock {
    const char *text; // of the next id, or of blanks before it
    const char *block;
    uint64_t blanks; // not yet passed
} SegmentBlock;

/* Whether a list has a whole block left, and then some bytes that can be read. */
static inline bool segment_block_open(SegmentBlock *block, const ClassRow *row)
{
    if (row->end - row->at < (ptrdiff_t)(SEGMENT_SPLIT_BLOCK + SEGMENT_SPLIT_WHOLE))
        return false;
    *block = (SegmentBlock){ row->at, row->at, segment_split_blanks(row->at) };
    return block->blanks != 0; // else a part of a long id
}

/* The next id of a block, of which SEGMENT_SPLIT_WHOLE bytes can be read. */
static inline bool segment_block_next(SegmentBlock *block, const char **text, size_t *length)
{
    do {
        if (block->blanks == 0)
            return false;
        const char *stop = block->block + __builtin_ctzll(block->blanks);
        block->blanks &= block->blanks - 1;
        *text = block->text;
        *length = (size_t)(stop - block->text);
        block->text = stop + 1;
    } while (*length == 0);
    return true;
}

/* Go on behind the ids that were taken from a block. */
static inline void segment_block_close(const SegmentBlock *block, ClassRow *row)
{
    row->at = block->text;
}

#endif
