#include "common/rank/segment_map.h"
#include "common/rank/best_segments.h"

#include <stdio.h>

#define BATCH ((size_t)256) // keys in flight: 10 KiB of the first-level cache

/* What is known of a segment for the class at hand; RATED + 2 part + positive where it is rated. */
enum { UNRATED, COUNTED, RATED };

/* How many ranks every class with positives in the part has ratings for. */
static size_t common_ranks(const SegmentTruth *truth, TruthPart part)
{
    size_t ranks = SIZE_MAX;
    for (size_t class = 0; class < truth->class_count; class ++)
        if (truth->class_positives[part][class] && truth->class_ratings[part][class] < ranks)
            ranks = truth->class_ratings[part][class];
    return ranks == SIZE_MAX ? 0 : ranks;
}

bool segment_map_open(SegmentMap *map, const SegmentTruth *truth, size_t top, Arena *arena,
                      Failure *failure)
{
    *map = (SegmentMap){ .truth = truth, .top = top };
    for (TruthPart part = 0; part < truth->parts; part++) {
        map->ranks[part] = common_ranks(truth, part);
        if (!arena_array(arena, map->values[part], truth->class_count, failure)
            || !arena_array(arena, map->rank_hits[part], map->ranks[part], failure))
            return false;
    }
    return arena_array(arena, map->rating, truth->segments.count, failure)
        && arena_array(arena, map->seen, truth->class_count, failure);
}

/* Enter the ratings of a class, or clear them. */
static void set_ratings(SegmentMap *map, uint32_t class, bool clear)
{
    const SegmentTruth *truth = map->truth;
    for (uint64_t i = truth->rating_first[class]; i < truth->rating_first[class + 1]; i++)
        map->rating[truth->rating_segment[i]] =
            (uint8_t)(clear ? UNRATED
                            : RATED + 2 * truth->rating_part[i] + truth->rating_positive[i]);
}

/* Count an entry whose segment the truth knows. */
static void take(SegmentMap *map, uint32_t segment)
{
    uint8_t rating = map->rating[segment];
    if (rating == UNRATED) {
        map->unrated++;
        return;
    }
    if (rating == COUNTED) {
        map->ignored.repeated_entries++;
        return;
    }
    unsigned part = (rating - RATED) / 2U;
    AveragePrecision *list = &map->list[part];
    average_precision_add(list, (rating - RATED) % 2);
    if (list->ranks <= map->ranks[part])
        map->rank_hits[part][list->ranks - 1] += list->hits;
    map->rating[segment] = COUNTED;
}

/* Begin a class's list, and end it: the parts' values, and the ranks that it doesn't reach. */
static void begin_list(SegmentMap *map, uint32_t class)
{
    map->seen[class] = true;
    memset(map->list, 0, sizeof map->list);
    set_ratings(map, class, false);
}

static void end_list(SegmentMap *map, uint32_t class)
{
    const SegmentTruth *truth = map->truth;
    for (TruthPart part = 0; part < truth->parts; part++) {
        const AveragePrecision *list = &map->list[part];
        map->values[part][class] =
            average_precision_value(list, truth->class_positives[part][class]);
        for (size_t rank = list->ranks; rank < map->ranks[part]; rank++)
            map->rank_hits[part][rank] += list->hits;
    }
    set_ratings(map, class, true);
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
static size_t take_batch(SegmentMap *map, ClassRow *row, size_t most)
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
        take(map, segment);
    }
    map->known += known;
    map->ignored.unknown_ids += entries - known;
    return entries;
}

void segment_map_add(SegmentMap *map, ClassRow *row)
{
    uint32_t class = segment_truth_class(map->truth, row->class);
    if (class == TEXT_NONE || map->seen[class]) {
        map->ignored.unknown_classes += class == TEXT_NONE;
        map->ignored.repeated_rows += class != TEXT_NONE;
        return;
    }
    begin_list(map, class);
    for (size_t left = map->top, taken = 1; left > 0 && taken > 0; left -= taken)
        taken = take_batch(map, row, left);
    map->ignored.beyond += count_rest(row);
    end_list(map, class);
}

void segment_map_add_list(SegmentMap *map, uint32_t class, const uint32_t *segments, size_t count)
{
    begin_list(map, class);
    for (size_t i = 0; i < count && i < map->top; i++)
        if (segments[i] != TEXT_NONE)
            take(map, segments[i]);
    end_list(map, class);
}

static SegmentMapResult result_of(const SegmentMap *map, TruthPart part)
{
    const SegmentTruth *truth = map->truth;
    SegmentMapResult result = { 0 };
    double sum = 0;
    for (size_t class = 0; class < truth->class_count; class ++) {
        if (truth->class_positives[part][class] == 0)
            continue;
        result.classes++;
        result.positives += truth->class_positives[part][class];
        result.ratings += truth->class_ratings[part][class];
        sum += map->values[part][class];
    }
    result.map = result.classes ? sum / (double)result.classes : 0;
    return result;
}

void segment_map_finish(SegmentMap *map, SegmentMapResult *result)
{
    for (size_t class = 0; class < map->truth->class_count; class ++)
        map->ignored.missing += !map->seen[class];
    if (map->known > 0) // most segments of a submission have no rating, but not all
        map->ignored.unknown_ids = 0;
    for (TruthPart part = 0; part < map->truth->parts; part++)
        result[part] = result_of(map, part);
}

double segment_map_precision(const SegmentMap *map, TruthPart part, size_t rank, uint64_t classes)
{
    return (double)map->rank_hits[part][rank - 1] / ((double)rank * (double)classes);
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

/* Predictions being scored: the truth's number of each row's segment, or TEXT_NONE. */
typedef struct Scoring {
    SegmentMap *map;
    uint32_t *segment;
} Scoring;

static bool find_segments(Scoring *scoring, const Predictions *predictions, Arena *arena,
                          Failure *failure)
{
    char *text;
    size_t room = predictions->id_bytes + 16; // a colon, ten digits and the end
    if (!arena_array(arena, scoring->segment, predictions->rows, failure)
        || !arena_array(arena, text, room, failure))
        return false;
    for (size_t row = 0; row < predictions->rows; row++) {
        int id_length = (int)prediction_id_length(predictions, row);
        if (predictions->start[row] < 0)
            return fail(failure, EX_DATAERR,
                        "%s: row %zu is a whole video; predict with --samples segments",
                        predictions->path, row);
        int length = snprintf(text, room, "%.*s:%d", id_length, prediction_id(predictions, row),
                              predictions->start[row]);
        scoring->segment[row] =
            text_table_find(&scoring->map->truth->segments, text, (size_t)length);
    }
    return true;
}

static bool score_list(void *context, uint32_t class_number, const uint32_t *rows, size_t count,
                       Failure *failure)
{
    const Scoring *scoring = context;
    uint32_t class = segment_truth_class(scoring->map->truth, class_number);
    (void)failure;
    begin_list(scoring->map, class);
    for (size_t i = 0; i < count; i++)
        if (scoring->segment[rows[i]] != TEXT_NONE)
            take(scoring->map, scoring->segment[rows[i]]);
    end_list(scoring->map, class);
    return true;
}

bool segment_map_read_predictions(SegmentMap *map, Predictions *predictions, Arena scratch,
                                  Failure *failure)
{
    Scoring scoring = { .map = map };
    uint32_t *rated;
    size_t count = 0;
    if (!find_segments(&scoring, predictions, &scratch, failure)
        || !arena_array(&scratch, rated, predictions->classes, failure))
        return false;
    for (size_t i = 0; i < predictions->classes; i++)
        if (segment_truth_class(map->truth, predictions->class[i]) != TEXT_NONE)
            rated[count++] = predictions->class[i];
    return best_segments(predictions, map->top, rated, count, score_list, &scoring, scratch,
                         failure);
}
