#include "common/learn/segment_draw.h"
#include "common/base/philox.h"
#include "common/data/vocabulary.h"
#include "common/rank/heap.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT ((size_t)LOADER_SEGMENT_FRAMES)
#define MOST_SEGMENTS (LOADER_MOST_FRAMES / SEGMENT)

/* What a video's draws are keyed by. */
static PhiloxKey key_of(const ShardIndex *index, uint64_t record, uint64_t seed)
{
    char purpose[sizeof "soft-labels/" + INDEX_MOST_ID_BYTES];
    snprintf(purpose, sizeof purpose, "soft-labels/%.*s", (int)record_id_length(index, record),
             record_id(index, record));
    return philox_key(seed, purpose);
}

static uint64_t record_at(const LoaderSource *source, uint64_t place)
{
    return source->subset ? source->subset->records[place] : place;
}

static uint64_t record_count(const LoaderSource *source)
{
    return source->subset ? source->subset->record_count : source->index->records;
}

static size_t whole_segments(const ShardIndex *index, uint64_t record)
{
    size_t whole = index->record_frames[record] / SEGMENT;
    return whole < MOST_SEGMENTS ? whole : MOST_SEGMENTS;
}

/* How many segments a video gives. */
static size_t segments_of(const ShardIndex *index, uint64_t record, size_t per_label)
{
    size_t wanted = (index->label_first[record + 1] - index->label_first[record]) * per_label;
    size_t whole = whole_segments(index, record);
    return wanted < whole ? wanted : whole;
}

static int by_start(const void *a, const void *b)
{
    const LoaderSegment *x = a, *y = b;
    return (x->start > y->start) - (x->start < y->start);
}

static void draw_video(LoaderSegment *segments, size_t count, const ShardIndex *index,
                       uint64_t record, uint64_t seed)
{
    PhiloxKey key = key_of(index, record, seed);
    size_t whole = whole_segments(index, record);
    for (size_t i = 0; i < count; i++)
        segments[i] = (LoaderSegment){ (uint32_t)record,
                                       (uint32_t)(SEGMENT * philox_permute(key, 0, whole, i)) };
    qsort(segments, count, sizeof *segments, by_start);
}

bool segments_draw(SegmentDraw *draw, const LoaderSource *source, size_t per_label, uint64_t seed,
                   Arena *arena, Failure *failure)
{
    const ShardIndex *index = source->index;
    uint64_t records = record_count(source);
    *draw = (SegmentDraw){ 0 };
    for (uint64_t i = 0; i < records; i++)
        draw->count += segments_of(index, record_at(source, i), per_label);
    if (draw->count == 0)
        return fail(failure, EX_DATAERR, "%s: no video has a label and %zu frames", index->path,
                    SEGMENT);
    if (draw->count > UINT32_MAX)
        return fail(failure, EX_USAGE, "%llu segments are too many; draw fewer for each label",
                    (unsigned long long)draw->count);
    if (!arena_array(arena, draw->segments, draw->count, failure)
        || !arena_array(arena, draw->times, draw->count, failure))
        return false;
    for (uint64_t i = 0; i < records; i++) {
        uint64_t record = record_at(source, i);
        size_t count = segments_of(index, record, per_label);
        draw_video(draw->segments + draw->total, count, index, record, seed);
        draw->total += count;
    }
    for (uint64_t i = 0; i < draw->count; i++)
        draw->times[i] = 1;
    return true;
}

/*
 * What tells `count` places apart: the low bits of an item. The others are its rank, at least 32 and
 * as many as there is room for, as it is only by equal ranks that places, and so shards, decide.
 */
static uint64_t mask_of_places(uint64_t count)
{
    uint64_t mask = 0;
    while (mask < count - 1)
        mask = mask << 1 | 1;
    return mask;
}

/* Every segment of a set offers itself to the classes of its video, with a random rank. */
static void offer(TopHeap heaps[], const uint32_t place_of[], const SegmentDraw *draw,
                  const LoaderSource *source, uint64_t seed)
{
    const ShardIndex *index = source->index;
    uint64_t places = mask_of_places(draw->count);
    PhiloxKey key = { 0 };
    for (uint64_t i = 0; i < draw->count; i++) {
        LoaderSegment segment = draw->segments[i];
        if (i == 0 || segment.record != draw->segments[i - 1].record)
            key = key_of(index, segment.record, seed);
        for (uint32_t label = index->label_first[segment.record];
             label < index->label_first[segment.record + 1]; label++) {
            uint32_t class = index->label_class[label], words[4];
            if (class >= VOCABULARY_MOST_CLASSES || place_of[class] == UINT32_MAX)
                continue;
            philox(key, (uint64_t)1 << 32 | class, segment.start, words);
            uint64_t rank = (uint64_t)words[0] << 32 | words[1];
            top_heap_offer(&heaps[place_of[class]], (rank & ~places) | i);
        }
    }
}

/* "3 classes have no segment to draw from: 5 17 1204": the first few. */
static bool check_empty(const TopHeap heaps[], EqualSet *set, const char *path, Failure *failure)
{
    char text[96] = "";
    size_t length = 0;
    set->empty = 0;
    for (size_t i = 0; i < set->class_count; i++)
        if (heaps[i].count == 0 && ++set->empty && length < sizeof text - 24)
            length += (size_t)snprintf(text + length, sizeof text - length, " %u", set->classes[i]);
    return set->empty == 0 || set->allow_empty
        || fail(failure, EX_DATAERR,
                "%s: no segment to draw for %zu of %zu classes:%s%s; allow it with --allow-empty",
                path, set->empty, set->class_count, text, length >= sizeof text - 24 ? " ..." : "");
}

static void count_times(SegmentDraw *draw, TopHeap heaps[], const EqualSet *set)
{
    uint64_t places = mask_of_places(draw->count);
    memset(draw->times, 0, draw->count * sizeof *draw->times);
    for (size_t class = 0; class < set->class_count; class ++) {
        TopHeap *heap = &heaps[class];
        top_heap_sort(heap);
        size_t wanted = set->repeat && heap->count ? set->per_class : heap->count;
        for (size_t i = 0; i < wanted; i++)
            draw->times[heap->items[i % heap->count] & places]++;
    }
}

static void drop_undrawn(SegmentDraw *draw)
{
    uint64_t kept = 0;
    draw->total = 0;
    for (uint64_t i = 0; i < draw->count; i++) {
        if (draw->times[i] == 0)
            continue;
        draw->total += draw->times[i];
        draw->segments[kept] = draw->segments[i];
        draw->times[kept++] = draw->times[i];
    }
    draw->count = kept;
}

bool segments_equalise(SegmentDraw *draw, const LoaderSource *source, EqualSet *set, Arena scratch,
                       Failure *failure)
{
    TopHeap *heaps;
    uint32_t *place_of;
    size_t most = set->per_class < draw->count ? set->per_class : draw->count;
    if (!arena_array(&scratch, heaps, set->class_count, failure)
        || !arena_array(&scratch, place_of, VOCABULARY_MOST_CLASSES, failure))
        return false;
    memset(place_of, 0xff, VOCABULARY_MOST_CLASSES * sizeof *place_of);
    for (size_t i = 0; i < set->class_count; i++) {
        place_of[set->classes[i]] = (uint32_t)i;
        if (!top_heap_open(&heaps[i], most, &scratch, failure))
            return false;
    }
    offer(heaps, place_of, draw, source, set->seed);
    if (!check_empty(heaps, set, source->index->path, failure))
        return false;
    count_times(draw, heaps, set);
    drop_undrawn(draw);
    return draw->count > 0
        || fail(failure, EX_DATAERR, "%s: no class has a segment", source->index->path);
}

/* Take one repetition away from the most repeated of a video's segments, the first of equals. */
static void take_one(uint32_t times[], size_t count)
{
    size_t most = 0;
    for (size_t i = 1; i < count; i++)
        if (times[i] > times[most])
            most = i;
    times[most]--;
}

uint64_t segments_fit(SegmentDraw *draw, size_t most)
{
    uint64_t before = draw->total;
    for (uint64_t first = 0, end; first < draw->count; first = end) {
        uint64_t total = 0;
        for (end = first;
             end < draw->count && draw->segments[end].record == draw->segments[first].record; end++)
            total += draw->times[end];
        for (; total > most; total--, draw->total--)
            take_one(draw->times + first, end - first);
    }
    return before - draw->total;
}
