/*
 * Rated filter: which ids of a list may be segments that a class has ratings for. Few are: of a list of
 * 100,000 some hundreds, which the others are told from before anything is looked up.
 *
 * A bit by the code of a name (segment_code.h); names of another kind than the dataset's may always be.
 */
#ifndef PODIUM_RANK_RATED_FILTER_H
#define PODIUM_RANK_RATED_FILTER_H

#include "common/rank/segment_run.h"
#include "common/rank/text_table.h"

#define RATED_FILTER_BITS 16 // of a code's hash: 8 KiB of the first-level cache

typedef struct RatedFilter {
    uint32_t words[1 << (RATED_FILTER_BITS - 5)];
} RatedFilter;

/* Begin with no segment. */
void rated_filter_clear(RatedFilter *filter);

/* Let a segment pass. */
void rated_filter_add(RatedFilter *filter, TextEntry name);

/* The numbers, ascending, of those of a run's first `count` ids that pass: candidates[run->count]. */
size_t rated_filter_pass(const RatedFilter *filter, const SegmentRun *run, size_t count,
                         uint32_t *candidates);

#endif
