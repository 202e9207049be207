/*
 * Segment code: a segment's name of the dataset's own kind as a number of 38 bits, and back.
 *
 *   name    4 bytes from '-' to 'z', a colon, 1 to 3 digits without leading zeros
 *   number  the 4 bytes, 7 bits each and the first highest, then 10 bits of the start: it orders names as
 *           segment_name_compare does
 *   code    the number scrambled, one to one: its upper bits are a hash
 *
 * A name of another kind is for segment_name_parse. All in a header, and without a branch: loops over many
 * names are made of vector instructions.
 */
#ifndef PODIUM_RANK_SEGMENT_CODE_H
#define PODIUM_RANK_SEGMENT_CODE_H

#include <stdbool.h>
#include <stdint.h>

#define SEGMENT_CODE_BITS 38
#define SEGMENT_NO_CODE UINT64_MAX

#define SEGMENT_CODE_MASK (((uint64_t)1 << SEGMENT_CODE_BITS) - 1)
#define SEGMENT_START_BITS 10

/* Factors modulo 2^38, odd ones, with their inverses. */
#define SEGMENT_SCRAMBLE_FIRST UINT64_C(0x2545f4914f)
#define SEGMENT_SCRAMBLE_SECOND UINT64_C(0x1e3779b97f)
#define SEGMENT_UNSCRAMBLE_FIRST UINT64_C(0x1e839be5af)
#define SEGMENT_UNSCRAMBLE_SECOND UINT64_C(0xc19bc067f)

/* The code of a number, and the number of a code. */
static inline uint64_t segment_scramble(uint64_t number)
{
    uint64_t code = number * SEGMENT_SCRAMBLE_FIRST & SEGMENT_CODE_MASK;
    code ^= code >> SEGMENT_CODE_BITS / 2;
    return code * SEGMENT_SCRAMBLE_SECOND & SEGMENT_CODE_MASK;
}

static inline uint64_t segment_unscramble(uint64_t code)
{
    uint64_t number = code * SEGMENT_UNSCRAMBLE_SECOND & SEGMENT_CODE_MASK;
    number ^= number >> SEGMENT_CODE_BITS / 2;
    return number * SEGMENT_UNSCRAMBLE_FIRST & SEGMENT_CODE_MASK;
}

/* The number of a name's first 4 bytes, the first lowest, and its start. */
static inline uint64_t segment_number(uint64_t bytes, uint64_t start)
{
    uint64_t pairs = (bytes & 0x007f007f) << 7 | (bytes >> 8 & 0x007f007f);
    return ((pairs & 0x3fff) << 14 | pairs >> 16) << SEGMENT_START_BITS | start;
}

/*
 * The code of a name, or SEGMENT_NO_CODE.
 *
 *   bytes   8 from the name's first on, the first lowest; behind the name anything
 *   length  of the name
 */
static inline uint64_t segment_code(uint64_t bytes, uint64_t length)
{
    const uint64_t tops = UINT64_C(0x8080808080808080);
    const uint64_t to_least =
        UINT64_C(0x5050504653535353); // a byte from its least on gets its top bit
    const uint64_t beyond_most = UINT64_C(0x4646464505050505); // and here, one beyond its greatest
    uint64_t zeros_before = (bytes >> 24 & ~(uint64_t)0xffff) | 0x3030;  // two, then the digits
    uint64_t digits = zeros_before >> 8 * ((length - 6) & 3) & 0xffffff; // the last three
    uint64_t full = (bytes & UINT64_C(0xffffffffff)) | digits << 40;
    uint64_t wrong = (full | (full + beyond_most) | ~(full + to_least)) & tops;
    uint64_t start =
        (digits & 15) * 100 + (digits >> 8 & 15) * 10 + (digits >> 16); // and '0', which goes:
    uint64_t code = segment_scramble(segment_number(bytes, start - '0'));
    uint64_t leads = ((bytes >> 40 & 0xff) == '0') & (length > 6);
    return code
        | -(uint64_t)((wrong != 0) | leads | (length - 6 > 2)); // all ones, where it is none
}

/* The bytes of a code's name, the first lowest, and zeros behind it. */
static inline uint64_t segment_code_bytes(uint64_t code, uint64_t *length)
{
    uint64_t number = segment_unscramble(code), start = number & 1023, letters = number >> 10;
    uint64_t pairs = letters >> 14 | (letters & 0x3fff) << 16;
    uint64_t hundreds = start * 5243 >> 19, rest = start - 100 * hundreds, tens = rest * 103 >> 10;
    uint64_t digits = 0x303030 | hundreds | tens << 8 | (rest - 10 * tens) << 16;
    uint64_t gap = (uint64_t)(start < 100) + (start < 10);
    *length = 8 - gap;
    return (pairs >> 7 & 0x007f007f) | (pairs & 0x007f007f) << 8 | (uint64_t)':' << 32
        | digits >> 8 * gap << 40;
}

#endif
