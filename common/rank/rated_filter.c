#include "common/rank/rated_filter.h"

#include <assert.h>

void rated_filter_clear(RatedFilter *filter)
{
    memset(filter, 0, sizeof *filter);
}

/* The bit of a code: by the upper bits of its hash. */
static inline uint32_t bit_of(uint64_t code)
{
    return segment_code_hash(code) >> (32 - RATED_FILTER_BITS);
}

void rated_filter_add(RatedFilter *filter, TextEntry name)
{
    uint64_t bytes = 0;
    memcpy(&bytes, name.text, name.length < sizeof bytes ? name.length : sizeof bytes);
    uint64_t code = segment_code(bytes, name.length);
    uint32_t bit = bit_of(code);
    if (code != SEGMENT_NO_CODE)
        filter->words[bit / 32] |= (uint32_t)1 << bit % 32;
}

size_t rated_filter_pass(const RatedFilter *filter, const SegmentRun *run, size_t count,
                         uint32_t *candidates)
{
    uint64_t codes[SEGMENT_RUN_MOST];
    size_t found = 0;
    assert(count <= run->count);
    segment_run_codes(run, codes);
    for (size_t i = 0; i < count; i++) {
        uint32_t bit = bit_of(codes[i]);
        candidates[found] = (uint32_t)i; // and overwritten where it doesn't pass
        found += (codes[i] == SEGMENT_NO_CODE) | (filter->words[bit / 32] >> bit % 32 & 1);
    }
    return found;
}
