#include "common/rank/rated_filter.h"
#include "common/rank/segment_code.h"

void rated_filter_clear(RatedFilter *filter)
{
    memset(filter, 0, sizeof *filter);
}

/* The bit of a code. */
static inline uint32_t bit_of(SegmentHalves code)
{
    return code.upper >> (SEGMENT_HALF_BITS - RATED_FILTER_BITS);
}

void rated_filter_add(RatedFilter *filter, TextEntry name)
{
    uint64_t bytes = 0;
    memcpy(&bytes, name.text, name.length < sizeof bytes ? name.length : sizeof bytes);
    uint64_t code = segment_code(bytes, name.length);
    uint32_t bit = bit_of(segment_halves(code));
    if (code != SEGMENT_NO_CODE)
        filter->words[bit / 32] |= (uint32_t)1 << bit % 32;
}

size_t rated_filter_pass(const RatedFilter *filter, const SegmentRun *run, size_t count,
                         uint32_t *candidates)
{
    uint32_t bits[SEGMENT_RUN_MOST], none[SEGMENT_RUN_MOST];
    size_t found = 0;
    for (size_t i = 0; i < count; i++) { // vector instructions
        SegmentHalves code;
        none[i] = segment_code_halves((uint32_t)run->bytes[i], (uint32_t)(run->bytes[i] >> 32),
                                      run->ends[i] - run->starts[i], &code);
        bits[i] = bit_of(code);
    }
    for (size_t i = 0; i < count; i++)
        none[i] |= filter->words[bits[i] / 32] >> bits[i] % 32 & 1;
    for (size_t i = 0; i < count; i++) {
        candidates[found] = (uint32_t)i; // and overwritten where it doesn't pass
        found += none[i] != 0;
    }
    return found;
}
