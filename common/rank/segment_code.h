/*
 * Segment code: a segment's name of the dataset's own kind as a number of 38 bits, and back.
 *
 *   name   4 bytes from '-' to 'z', a colon, 1 to 3 digits without leading zeros
 *   code   the 4 bytes, 7 bits each and the first highest, then 10 bits of the start: it orders names as
 *          segment_name_compare does
 *   hash   32 bits of a code, the upper ones the best
 *
 * A name of another kind is for segment_name_parse. All in a header, and without a branch: loops over many
 * codes are made of vector instructions.
 */
#ifndef PODIUM_RANK_SEGMENT_CODE_H
#define PODIUM_RANK_SEGMENT_CODE_H

#include <stdbool.h>
#include <stdint.h>

#ifdef __AVX2__
#include <immintrin.h>
#endif

#define SEGMENT_START_BITS 10
#define SEGMENT_CODE_BITS (4 * 7 + SEGMENT_START_BITS)
#define SEGMENT_CODE_MASK (((uint64_t)1 << SEGMENT_CODE_BITS) - 1)
#define SEGMENT_NO_CODE UINT64_MAX

/* The upper bits of a product are those that all bits of its factors have a part in. */
static inline uint32_t segment_code_hash(uint64_t code)
{
    uint64_t lower = (uint32_t)code, upper = code >> 32;
    return (uint32_t)(lower * 0x9e3779b1u + upper * 0x85ebca77u);
}

/* The number of 4 letters, the first lowest: 7 bits each, the first highest. */
static inline uint32_t segment_letters(uint32_t letters)
{
    uint32_t pairs = (letters & 0x007f007f) << 7 | (letters >> 8 & 0x007f007f);
    return (pairs & 0x3fff) << 14 | pairs >> 16;
}

/* Bits where bytes are below their least ones, 0x80 - to_least, or above 0x7f - to_most. */
static inline uint32_t segment_byte_faults(uint32_t bytes, uint32_t to_least, uint32_t to_most)
{
    return (bytes | (bytes + to_most) | ~(bytes + to_least)) & 0x80808080u;
}

/* The code of a name, or SEGMENT_NO_CODE. bytes: its first 8, the first lowest; behind its end anything. */
static inline uint64_t segment_code(uint64_t bytes, uint64_t length)
{
    uint32_t letters = (uint32_t)bytes, tail = (uint32_t)(bytes >> 32);
    uint32_t shift = (uint32_t)(8 - length) * 8 & 31; // 0, 8 or 16: digits that are lacking
    uint32_t digits = ((tail >> 8 << shift) | 0x3030u >> ((16 - shift) & 31)) & 0xffffff;
    uint32_t start = (digits & 15) * 100 + (digits >> 8 & 15) * 10 + (digits >> 16 & 15);
    uint32_t wrong = segment_byte_faults(letters, 0x53535353u, 0x05050505u)
        | segment_byte_faults((tail & 0xff) | digits << 8, 0x50505046u, 0x46464645u);
    bool leads = (tail >> 8 & 0xff) == '0' && length > 6;
    return wrong || leads || length - 6 > 2
        ? SEGMENT_NO_CODE
        : (uint64_t)segment_letters(letters) << SEGMENT_START_BITS | start;
}

#ifdef __AVX2__
/* Numbers that are 0 only where the digits of a name are those of its start, after `lacking` bits. */
static inline __m256i segment_four_leads(__m256i start, __m256i lacking)
{
    // the least start of 3, 2 and 1 digits, and of none what no start reaches
    __m256i least = _mm256_srlv_epi64(_mm256_set1_epi64x((int64_t)0xffffffffff000a64), lacking);
    return _mm256_cmpgt_epi64(_mm256_and_si256(least, _mm256_set1_epi64x(0xff)), start);
}

/* The codes of 4 names: as segment_code, each in 64 bits. */
static inline __m256i segment_code_four(__m256i bytes, __m256i lengths)
{
    const __m256i most = _mm256_set1_epi64x(0x090909007a7a7a7a);
    const __m256i least = _mm256_set1_epi64x(0x2d2d2d2d);
    const __m256i upper = _mm256_set1_epi64x((int64_t)0xffffff0000000000);
    const __m256i tens = _mm256_set1_epi64x(0x010a640001800180); // of bytes, and of pairs of them
    const __m256i pairs = _mm256_set1_epi64x(0x0001000100014000);
    __m256i lacking = _mm256_slli_epi64(_mm256_sub_epi64(_mm256_set1_epi64x(8), lengths), 3);
    __m256i values = _mm256_xor_si256(bytes, _mm256_set1_epi64x(0x3030303a00000000));
    __m256i digits = _mm256_sllv_epi64(_mm256_and_si256(values, upper), lacking);
    __m256i name = _mm256_or_si256(_mm256_andnot_si256(upper, values), digits);
    __m256i faults = _mm256_or_si256(_mm256_subs_epu8(name, most), _mm256_subs_epu8(least, name));
    // of 32 bits each: the letters, and the start
    __m256i halves = _mm256_madd_epi16(_mm256_maddubs_epi16(tens, name), pairs);
    __m256i start = _mm256_srli_epi64(halves, 32);
    __m256i letters = _mm256_and_si256(_mm256_slli_epi64(halves, SEGMENT_START_BITS),
                                       _mm256_set1_epi64x((int64_t)SEGMENT_CODE_MASK));
    faults = _mm256_or_si256(faults, segment_four_leads(start, lacking));
    faults = _mm256_or_si256(faults, _mm256_srli_epi64(lacking, 6)); // length 0, or above 8
    __m256i right = _mm256_cmpeq_epi64(faults, _mm256_setzero_si256());
    return _mm256_or_si256(_mm256_or_si256(letters, start),
                           _mm256_andnot_si256(right, _mm256_set1_epi64x(-1)));
}
#endif

/* The bytes of a code's name, the first lowest, and zeros behind it. */
static inline uint64_t segment_code_bytes(uint64_t code, uint64_t *length)
{
    uint32_t start = (uint32_t)code & (((uint32_t)1 << SEGMENT_START_BITS) - 1);
    uint32_t letters = (uint32_t)(code >> SEGMENT_START_BITS);
    uint32_t pairs = letters >> 14 | (letters & 0x3fff) << 16;
    uint32_t hundreds = start * 5243 >> 19, rest = start - 100 * hundreds, tens = rest * 103 >> 10;
    uint32_t digits = 0x303030 | hundreds | tens << 8 | (rest - 10 * tens) << 16;
    uint32_t gap = (uint32_t)(start < 100) + (start < 10);
    *length = 8 - gap;
    return (pairs >> 7 & 0x007f007f) | (pairs & 0x007f007f) << 8
        | (uint64_t)(':' | digits >> 8 * gap << 8) << 32;
}

#endif
