/*
 * Shifts: segments displaced by whole frames, whose scores are averaged (test-time augmentation).
 *
 * Under shift i the segment that begins at frame s of n has frames clamp(s - i + t, 0, n - 1), t = 0, 1,
 * ...: as many as it has without one. All of a batch's segments under all shifts are listed as rows of
 * the batch, which has every frame once.
 *
 * Source: spec/models 15.5; the sign is that of the released code, which rolls the video forward by i.
 */
#ifndef PODIUM_LEARN_SHIFTS_H
#define PODIUM_LEARN_SHIFTS_H

#include "common/learn/feed.h"

#define SHIFTS_MOST 300 // frames, in either direction

/* All whole numbers from first to last. { 0, 0 }: segments as they are. */
typedef struct Shifts {
    int first, last;
} Shifts;

/* Parse "-1:1". EX_USAGE: not A:B with A <= B, or beyond SHIFTS_MOST. */
bool shifts_parse(Shifts *shifts, const char *text, Failure *failure);

static inline size_t shifts_count(Shifts shifts)
{
    return (size_t)(shifts.last - shifts.first) + 1;
}

static inline bool shifts_any(Shifts shifts)
{
    return shifts.first != 0 || shifts.last != 0;
}

/* Memory for a batch's list. */
typedef struct ShiftList {
    Shifts shifts;
    uint32_t *list, *offsets;
} ShiftList;

bool shift_list_create(ShiftList *list, Shifts shifts, LoaderBounds most, Arena *arena,
                       Failure *failure);

/*
 * List the segments of a batch of LOAD_ALL_SEGMENTS: those of sample i are number i times
 * shifts_count, and so on, from the first shift to the last. Valid until the next call.
 */
FeedList shift_list_fill(ShiftList *list, const Batch *batch);

#endif
