#include "common/learn/shifts.h"

#include <stdio.h>

bool shifts_parse(Shifts *shifts, const char *text, Failure *failure)
{
    int end = 0;
    if (sscanf(text, "%4d:%4d%n", &shifts->first, &shifts->last, &end) != 2 || text[end]
        || shifts->first > shifts->last || shifts->first < -SHIFTS_MOST
        || shifts->last > SHIFTS_MOST)
        return fail(failure, EX_USAGE,
                    "--shift %s: must be A:B with A <= B, in frames, such as -1:1; at most %d",
                    text, SHIFTS_MOST);
    return true;
}

bool shift_list_create(ShiftList *list, Shifts shifts, LoaderBounds most, Arena *arena,
                       Failure *failure)
{
    size_t times = shifts_count(shifts);
    *list = (ShiftList){ .shifts = shifts };
    if (most.rows > UINT32_MAX / times)
        return fail(failure, EX_USAGE,
                    "%zu shifts of a batch of %zu frames are too many; lower "
                    "--batch-size",
                    times, most.rows);
    return arena_array(arena, list->list, most.rows * times, failure)
        && arena_array(arena, list->offsets, most.samples * times + 1, failure);
}

/* Where the video of sample i ends: the first sample of another one. */
static size_t end_of_video(const Batch *batch, size_t i)
{
    size_t end = i + 1;
    while (end < batch->count && batch->source[end] == batch->source[i]
           && batch->record[end] == batch->record[i])
        end++;
    return end;
}

static uint32_t clamp(int64_t frame, uint32_t frames)
{
    return frame < 0 ? 0 : frame < frames ? (uint32_t)frame : frames - 1;
}

FeedList shift_list_fill(ShiftList *list, const Batch *batch)
{
    FeedList feed = { .list = list->list, .offsets = list->offsets };
    size_t count = 0;
    list->offsets[0] = 0;
    for (size_t first = 0, end; first < batch->count; first = end) {
        end = end_of_video(batch, first);
        uint32_t row = batch->row_first[first], frames = batch->row_first[end] - row;
        for (size_t i = first; i < end; i++)
            for (int shift = list->shifts.first; shift <= list->shifts.last; shift++) {
                int64_t from = (int64_t)batch->start[i] - shift;
                for (size_t t = 0; t < batch->row_first[i + 1] - batch->row_first[i]; t++)
                    list->list[count++] = row + clamp(from + (int64_t)t, frames);
                list->offsets[++feed.samples] = (uint32_t)count;
            }
    }
    return feed;
}
