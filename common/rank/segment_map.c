#include "common/rank/segment_map.h"
#include "common/rank/average_precision.h"

#define BATCH ((size_t)256) // keys in flight: 10 KiB of the first-level cache

/* What is known of a segment for the class at hand. */
enum { UNRATED, RATED, RATED_POSITIVE, COUNTED };

bool segment_map_open(SegmentMap *map, const SegmentTruth *truth, size_t top, Arena *arena,
                      Failure *failure)
{
    *map = (SegmentMap){ .truth = truth, .top = top };
    return arena_array(arena, map->rating, truth->segments.count, failure)
        && arena_array(arena, map->seen, truth->class_count, failure)
        && arena_array(arena, map->values, truth->class_count, failure);
}

/* Enter the ratings of a class, or clear them. */
static void set_ratings(SegmentMap *map, uint32_t class, bool clear)
{
    const SegmentTruth *truth = map->truth;
    for (uint64_t i = truth->rating_first[class]; i < truth->rating_first[class + 1]; i++)
        map->rating[truth->rating_segment[i]] =
            (uint8_t)(clear ? UNRATED : RATED + truth->rating_positive[i]);
}

/* Count an entry whose segment the truth knows. */
static void take(SegmentMap *map, uint32_t segment, AveragePrecision *list)
{
    uint8_t rating = map->rating[segment];
    if (rating == UNRATED)
        map->unrated++;
    else if (rating == COUNTED)
        map->ignored.repeated_entries++;
    else {
        average_precision_add(list, rating == RATED_POSITIVE);
        map->rating[segment] = COUNTED;
    }
}

static uint64_t count_rest(ClassRow *row)
{
    TextKey keys[BATCH];
    uint64_t count = 0;
    for (size_t some; (some = segments_next(row, keys, BATCH)) > 0;)
        count += some;
    return count;
}

/*
 * Count the next entries of a list, at most `most`; returns how many there were. Those whose
 * segment may be known are looked up together, so that their waits for memory overlap.
 */
static size_t take_batch(SegmentMap *map, ClassRow *row, size_t most, AveragePrecision *list)
{
    const TextTable *segments = &map->truth->segments;
    TextKey keys[BATCH];
    uint32_t candidates[BATCH] = { 0 };
    size_t entries = segments_next(row, keys, most < BATCH ? most : BATCH);
    size_t count = 0, known = 0;
    for (size_t i = 0; i < entries; i++) {
        candidates[count] = (uint32_t)i;
        count += text_table_may_have(segments, keys[i].hash);
    }
    for (size_t i = 0; i < count; i++)
        text_table_prefetch(segments, keys[candidates[i]].hash);
    for (size_t i = 0; i < count; i++) {
        uint32_t segment = text_table_find_key(segments, &keys[candidates[i]]);
        if (segment == TEXT_NONE)
            continue;
        known++;
        take(map, segment, list);
    }
    map->ignored.unknown_ids += entries - known;
    return entries;
}

void segment_map_add(SegmentMap *map, ClassRow *row)
{
    uint32_t class = segment_truth_class(map->truth, row->class);
    AveragePrecision list = { 0 };
    if (class == TEXT_NONE || map->seen[class]) {
        map->ignored.unknown_classes += class == TEXT_NONE;
        map->ignored.repeated_rows += class != TEXT_NONE;
        return;
    }
    map->seen[class] = true;
    set_ratings(map, class, false);
    for (size_t left = map->top, taken = 1; left > 0 && taken > 0; left -= taken)
        taken = take_batch(map, row, left, &list);
    map->ignored.beyond += count_rest(row);
    map->values[class] = average_precision_value(&list, map->truth->class_positives[class]);
    set_ratings(map, class, true);
}

void segment_map_finish(SegmentMap *map, SegmentMapResult *result)
{
    const SegmentTruth *truth = map->truth;
    double sum = 0;
    *result = (SegmentMapResult){ 0 };
    for (size_t class = 0; class < truth->class_count; class ++) {
        map->ignored.missing += !map->seen[class];
        if (truth->class_positives[class] == 0)
            continue;
        result->classes++;
        result->positives += truth->class_positives[class];
        result->ratings += truth->rating_first[class + 1] - truth->rating_first[class];
        sum += map->values[class];
    }
    result->map = result->classes ? sum / (double)result->classes : 0;
}

bool segment_map_read_csv(SegmentMap *map, const char *path, Failure *failure)
{
    CsvReader csv;
    ClassRow row;
    bool ok = csv_open(&csv, path, SUBMISSION_2019_HEADER, failure);
    while (ok && class_row_next(&row, &csv, failure))
        segment_map_add(map, &row);
    csv_close(&csv);
    return ok && failure->code == EX_OK;
}
