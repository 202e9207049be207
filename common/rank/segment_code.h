/*
 * Segment code: a segment's name of the dataset's own kind as a number of 38 bits, and back.
 *
 *   name    4 bytes from '-' to 'z', a colon, 1 to 3 digits without leading zeros
 *   number  the 4 bytes, 7 bits each and the first highest, then 10 bits of the start: it orders names as
 *           segment_name_compare does
 *   code    the number scrambled, one to one: its upper bits are a hash
 *
 * A name of another kind is for segment_name_parse. All in a header, without a branch, and in halves of
 * 32 bits: loops over many names are made of vector instructions, which have twice as many of these.
 */
#ifndef PODIUM_RANK_SEGMENT_CODE_H
#define PODIUM_RANK_SEGMENT_CODE_H

#include <stdbool.h>
#include <stdint.h>

#define SEGMENT_HALF_BITS 19
#define SEGMENT_CODE_BITS (2 * SEGMENT_HALF_BITS)
#define SEGMENT_NO_CODE UINT64_MAX

#define SEGMENT_HALF_MASK (((uint32_t)1 << SEGMENT_HALF_BITS) - 1)
#define SEGMENT_CODE_MASK (((uint64_t)1 << SEGMENT_CODE_BITS) - 1)
#define SEGMENT_START_BITS 10
#define SEGMENT_SPLIT_BITS                                                                         \
    (SEGMENT_HALF_BITS - SEGMENT_START_BITS) // of the letters' 28, in the lower half

/* A number or a code. */
typedef struct SegmentHalves {
    uint32_t upper, lower; // SEGMENT_HALF_BITS each
} SegmentHalves;

static inline uint64_t segment_whole(SegmentHalves halves)
{
    return (uint64_t)halves.upper << SEGMENT_HALF_BITS | halves.lower;
}

static inline SegmentHalves segment_halves(uint64_t whole)
{
    return (SegmentHalves){ (uint32_t)(whole >> SEGMENT_HALF_BITS),
                            (uint32_t)whole & SEGMENT_HALF_MASK };
}

/* A half hashed: the upper bits of a product. */
static inline uint32_t segment_mix(uint32_t half, uint32_t factor)
{
    return half * factor >> (32 - SEGMENT_HALF_BITS);
}

#define SEGMENT_MIX_FIRST 0x9e3779b1u
#define SEGMENT_MIX_SECOND 0x85ebca77u
#define SEGMENT_MIX_THIRD 0xc2b2ae3du

/* The code of a number, and the number of a code: a Feistel network, which each round of undoes itself. */
static inline SegmentHalves segment_scramble_halves(SegmentHalves halves)
{
    halves.upper ^= segment_mix(halves.lower, SEGMENT_MIX_FIRST);
    halves.lower ^= segment_mix(halves.upper, SEGMENT_MIX_SECOND);
    halves.upper ^= segment_mix(halves.lower, SEGMENT_MIX_THIRD);
    return halves;
}

static inline SegmentHalves segment_unscramble_halves(SegmentHalves halves)
{
    halves.upper ^= segment_mix(halves.lower, SEGMENT_MIX_THIRD);
    halves.lower ^= segment_mix(halves.upper, SEGMENT_MIX_SECOND);
    halves.upper ^= segment_mix(halves.lower, SEGMENT_MIX_FIRST);
    return halves;
}

static inline uint64_t segment_scramble(uint64_t number)
{
    return segment_whole(segment_scramble_halves(segment_halves(number)));
}

static inline uint64_t segment_unscramble(uint64_t code)
{
    return segment_whole(segment_unscramble_halves(segment_halves(code)));
}

/* The number of a name's 4 letters, the first lowest, and its start. */
static inline SegmentHalves segment_number(uint32_t letters, uint32_t start)
{
    uint32_t pairs = (letters & 0x007f007f) << 7 | (letters >> 8 & 0x007f007f);
    uint32_t number = (pairs & 0x3fff) << 14 | pairs >> 16;
    return (SegmentHalves){ number >> SEGMENT_SPLIT_BITS,
                            (number << SEGMENT_START_BITS & SEGMENT_HALF_MASK) | start };
}

/* Bits where bytes are below their least ones, 0x80 - to_least, or above 0x7f - to_most. */
static inline uint32_t segment_byte_faults(uint32_t bytes, uint32_t to_least, uint32_t to_most)
{
    return (bytes | (bytes + to_most) | ~(bytes + to_least)) & 0x80808080u;
}

/*
 * The code of a name, in halves.
 *
 *   letters, tail  its first 4 bytes and the 4 from there on, the first lowest; behind the name anything
 *   length         of the name
 *   returns        0; anything else: it has none
 */
static inline uint32_t segment_code_halves(uint32_t letters, uint32_t tail, uint32_t length,
                                           SegmentHalves *code)
{
    uint32_t shift = (8 - length) * 8 & 31; // 0, 8 or 16: digits that are lacking
    uint32_t digits = ((tail >> 8 << shift) | 0x3030u >> ((16 - shift) & 31)) & 0xffffff;
    uint32_t start = (digits & 15) * 100 + (digits >> 8 & 15) * 10 + (digits >> 16 & 15);
    uint32_t wrong = segment_byte_faults(letters, 0x53535353u, 0x05050505u)
        | segment_byte_faults((tail & 0xff) | digits << 8, 0x50505046u, 0x46464645u);
    uint32_t leads = ((tail >> 8 & 0xff) == '0') & (length > 6);
    *code = segment_scramble_halves(segment_number(letters, start));
    return wrong | leads | (length - 6 > 2);
}

/* The code of a name, or SEGMENT_NO_CODE. bytes: 8 from the name's first on, the first lowest. */
static inline uint64_t segment_code(uint64_t bytes, uint64_t length)
{
    SegmentHalves code;
    uint32_t none = segment_code_halves((uint32_t)bytes, (uint32_t)(bytes >> 32),
                                        length < UINT32_MAX ? (uint32_t)length : UINT32_MAX, &code);
    return none ? SEGMENT_NO_CODE : segment_whole(code);
}

/* The bytes of a code's name, the first lowest, and zeros behind it. */
static inline uint64_t segment_code_bytes(uint64_t code, uint64_t *length)
{
    SegmentHalves number = segment_unscramble_halves(segment_halves(code));
    uint32_t start = number.lower & (((uint32_t)1 << SEGMENT_START_BITS) - 1);
    uint32_t letters = number.upper << SEGMENT_SPLIT_BITS | number.lower >> SEGMENT_START_BITS;
    uint32_t pairs = letters >> 14 | (letters & 0x3fff) << 16;
    uint32_t hundreds = start * 5243 >> 19, rest = start - 100 * hundreds, tens = rest * 103 >> 10;
    uint32_t digits = 0x303030 | hundreds | tens << 8 | (rest - 10 * tens) << 16;
    uint32_t gap = (uint32_t)(start < 100) + (start < 10);
    *length = 8 - gap;
    return (pairs >> 7 & 0x007f007f) | (pairs & 0x007f007f) << 8
        | (uint64_t)(':' | digits >> 8 * gap << 8) << 32;
}

#endif
