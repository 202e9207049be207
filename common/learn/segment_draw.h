/*
 * SegmentDraw: which segments of machine-labelled videos a model is to label.
 *
 * Original: for each label of a video, `per_label` whole segments, none of them twice. Equal: from these,
 * the same number of segments for each class, a segment counting for every label of its video.
 *
 * Draws are keyed by the video's id (and the class), so the order of shards and videos doesn't enter.
 * Source: papers/soft-label-2019-10th, 3.2; spec/models 15.3, 17.1 and P1-4.
 */
#ifndef PODIUM_LEARN_SEGMENT_DRAW_H
#define PODIUM_LEARN_SEGMENT_DRAW_H

#include "common/data/loader.h"

typedef struct SegmentDraw {
    LoaderSegment *segments; // [count], in the order of the index, then of their starts; each once
    uint32_t *times;         // [count]: how often the set has it
    uint64_t count, total;   // total: the sum of times
} SegmentDraw;

/*
 * Draw the original set. A video gives as many whole segments as it has where it has fewer; one of
 * fewer than five frames gives none.
 *
 *   failure  EX_DATAERR: no video has a label and a whole segment. EX_OSERR
 *   memory   12 bytes a segment, in the arena
 */
bool segments_draw(SegmentDraw *draw, const LoaderSource *source, size_t per_label, uint64_t seed,
                   Arena *arena, Failure *failure);

typedef struct EqualSet {
    const uint32_t *classes; // [class_count]
    size_t class_count, per_class;
    bool repeat;      // a class with fewer segments has them again, in turn; else all it has
    bool allow_empty; // a class without any is left out; else it is refused
    uint64_t seed;
    size_t empty; // out: classes without any
} EqualSet;

/*
 * Make an original set equal: segments that no class drew are dropped.
 *
 *   failure  EX_DATAERR: classes without a single segment (names them). EX_OSERR
 *   memory   8 bytes for each of per_class segments (or of all, where they are fewer) of each class
 */
bool segments_equalise(SegmentDraw *draw, const LoaderSource *source, EqualSet *set, Arena scratch,
                       Failure *failure);

/*
 * Take repetitions away where a video has more than `most` segments in the set, from those that are
 * repeated most, so that each stays at least once. `most` is at least what a video has segments.
 *
 *   returns  how many were taken away
 */
uint64_t segments_fit(SegmentDraw *draw, size_t most);

#endif
