/*
 * Segment run: the next ids of a list, hundreds at a time, for loops that are the same for each.
 *
 * All in a header: it is compiled into what its callers do with ids.
 */
#ifndef PODIUM_RANK_SEGMENT_RUN_H
#define PODIUM_RANK_SEGMENT_RUN_H

#include "common/rank/segment_code.h"
#include "common/rank/segment_split.h"

#define SEGMENT_RUN_MOST ((size_t)256)
#define SEGMENT_RUN_AHEAD 2048          // bytes: the CPU itself fetches none across a page's end
#define SEGMENT_RUN_SINGLY ((size_t)64) // ids found one by one before blocks are tried again

typedef struct SegmentRun {
    const char *text; // of the first id; a list is below 4 GiB from it on, or ends here
    size_t count;
    uint32_t starts[SEGMENT_RUN_MOST + 8], ends[SEGMENT_RUN_MOST]; // from text on
    uint64_t
        bytes[SEGMENT_RUN_MOST]; // the first 8 of each, the first lowest; behind its end anything
} SegmentRun;

/* Note where the ids behind a block's blanks begin: 8 at a time, since most blocks have that many. */
static inline void segment_run_starts(SegmentRun *run, uint64_t blanks, uint32_t offset)
{
    uint32_t *starts = run->starts + run->count + 1;
    run->count += (size_t)__builtin_popcountll(blanks);
    while (blanks) {
        for (unsigned i = 0; i < 8; i++) {
            starts[i] = offset + 1 + segment_split_lowest(blanks);
            blanks &= blanks - 1;
        }
        starts += 8;
    }
}

/* The ids of whole blocks that single blanks follow. None: the next id is for segment_run_singly. */
static inline void segment_run_blocks(SegmentRun *run, ClassRow *row)
{
    const char *at = row->at;
    uint64_t blank_before = 0;
    while (run->count + SEGMENT_SPLIT_MOST <= SEGMENT_RUN_MOST
           && row->end - at >= (ptrdiff_t)(SEGMENT_SPLIT_BLOCK + SEGMENT_SPLIT_WHOLE)) {
        uint64_t blanks = segment_split_blanks(at);
        __builtin_prefetch(at + SEGMENT_RUN_AHEAD);
        if (blanks == 0 || (blanks & (blanks << 1 | blank_before)))
            break;
        segment_run_starts(run, blanks, (uint32_t)(at - run->text));
        blank_before = blanks >> 63;
        at += SEGMENT_SPLIT_BLOCK;
    }
    run->starts[0] = 0;
    for (size_t i = 0; i < run->count; i++) {
        run->ends[i] = run->starts[i + 1] - 1;
        memcpy(&run->bytes[i], run->text + run->starts[i], sizeof run->bytes[i]);
    }
    row->at += run->starts[run->count];
}

static inline void segment_run_singly(SegmentRun *run, ClassRow *row)
{
    const char *text;
    size_t length;
    while (run->count < SEGMENT_RUN_SINGLY
           && segment_split_word(&row->at, row->end, &text, &length)) {
        size_t start = (size_t)(text - run->text), end = start + length;
        run->starts[run->count] = (uint32_t)start;
        run->ends[run->count] = end < UINT32_MAX ? (uint32_t)end : UINT32_MAX;
        run->bytes[run->count] = 0;
        memcpy(&run->bytes[run->count++], text, length < 8 ? length : 8);
        if (end >= UINT32_MAX / 2)
            break;
    }
}

/* The next ids of a list; false at its end. */
static inline bool segment_run_next(SegmentRun *run, ClassRow *row)
{
    while (row->at < row->end && *row->at == ' ')
        row->at++;
    run->text = row->at;
    run->count = 0;
    segment_run_blocks(run, row);
    if (run->count == 0)
        segment_run_singly(run, row);
    return run->count > 0;
}

/* The codes of a run's ids, SEGMENT_NO_CODE where one has none; behind them anything. codes: [SEGMENT_RUN_MOST]. */
static inline void segment_run_codes(const SegmentRun *run, uint64_t *codes)
{
#ifdef __AVX2__
    for (size_t i = 0; i < run->count; i += 4) {
        __m128i starts = _mm_loadu_si128((const __m128i *)(const void *)&run->starts[i]);
        __m128i ends = _mm_loadu_si128((const __m128i *)(const void *)&run->ends[i]);
        __m256i bytes = _mm256_loadu_si256((const __m256i *)(const void *)&run->bytes[i]);
        __m256i lengths = _mm256_cvtepu32_epi64(_mm_sub_epi32(ends, starts));
        _mm256_storeu_si256((__m256i *)(void *)&codes[i], segment_code_four(bytes, lengths));
    }
#else
    for (size_t i = 0; i < run->count; i++)
        codes[i] = segment_code(run->bytes[i], run->ends[i] - run->starts[i]);
#endif
}

#endif
