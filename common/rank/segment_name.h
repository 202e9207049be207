/*
 * Segment name: ID:START, as submissions write a segment. START is in seconds, without leading zeros.
 *
 * Source: spec/data-and-metrics 6.6, 8.2.
 */
#ifndef PODIUM_RANK_SEGMENT_NAME_H
#define PODIUM_RANK_SEGMENT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_MOST_ID_BYTES ((size_t)64)

/* A name's parts; the id borrows its text. */
typedef struct SegmentName {
    const char *id;
    size_t id_length;
    uint32_t start;
} SegmentName;

/*
 * Take a name apart at its last colon. false: no colon, an empty id or one of more than
 * SEGMENT_MOST_ID_BYTES, a byte in it that can't stand in CSV as it is (a control, a blank, a comma, a
 * quote), a start that is no whole number from 0 below 2^31 or has leading zeros.
 */
bool segment_name_parse(SegmentName *name, const char *text, size_t length);

/* The order of two segments: by the id's bytes, then by the start; equal only for the same segment. */
int segment_name_compare(const SegmentName *a, const SegmentName *b);

/*
 * Whether the bytes of a word, first byte lowest, zeros behind the last, are a name of the dataset's own
 * kind: 4 bytes from '-' to 'z', a colon, 1 to 3 digits without leading zeros. All bytes at once; a name
 * of another kind is for segment_name_parse.
 */
static inline bool segment_word_is_name(uint64_t word)
{
    const uint64_t tops = UINT64_C(0x8080808080808080), zeros = UINT64_C(0x3030300000000000);
    const uint64_t to_least =
        UINT64_C(0x5050504653535353); // a byte from its least on gets its top bit
    const uint64_t beyond_most = UINT64_C(0x4646464505050505); // and here, one beyond its greatest
    if (word >> 40 == 0)
        return false; // no digit
    uint64_t there = UINT64_MAX >> (__builtin_clzll(word) & 56);
    uint64_t full = word | (zeros & ~there); // three digits
    bool leads = (word >> 40 & 0xff) == '0' && word >> 48 != 0;
    return ((full | (full + beyond_most)) & tops) == 0 && (~(full + to_least) & tops) == 0
        && !leads;
}

/* The start of such a name. */
static inline uint32_t segment_word_start(uint64_t word)
{
    uint32_t start = 0;
    for (word >>= 40; word; word >>= 8)
        start = 10 * start + (uint32_t)(word & 0xff) - '0';
    return start;
}

/* A number that orders such names as segment_name_compare does. */
static inline uint64_t segment_word_order(uint64_t word)
{
    return (uint64_t)__builtin_bswap32((uint32_t)word) << 32 | segment_word_start(word);
}

#endif
