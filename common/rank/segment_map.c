#include "common/rank/segment_map.h"
#include "common/rank/best_segments.h"

#include <stdio.h>

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
    rated_filter_clear(&map->filter);
    for (uint64_t i = truth->rating_first[class]; i < truth->rating_first[class + 1]; i++) {
        uint32_t segment = truth->rating_segment[i];
        map->rating[segment] =
            (uint8_t)(clear ? UNRATED
                            : RATED + 2 * truth->rating_part[i] + truth->rating_positive[i]);
        if (!clear)
            rated_filter_add(&map->filter, truth->segments.entries[segment]);
    }
}

/* Count an entry whose segment the truth knows. */
static void take(SegmentMap *map, uint32_t segment)
{
    uint8_t rating = map->rating[segment];
    if (rating == UNRATED)
        return;
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

/*
 * Look entries of a run up: those that may have a rating; or all, as long as none was found, so that a
 * submission of which the truth knows nothing is told from one without rated segments.
 */
static void take_run(SegmentMap *map, const SegmentRun *run, size_t count)
{
    const TextTable *segments = &map->truth->segments;
    uint32_t candidates[SEGMENT_RUN_MOST];
    bool all = !map->any_known;
    size_t left = all ? count : rated_filter_pass(&map->filter, run, count, candidates);
    for (size_t i = 0; i < left; i++) {
        size_t entry = all ? i : candidates[i];
        uint32_t segment = text_table_find(segments, run->text + run->starts[entry],
                                           run->ends[entry] - run->starts[entry]);
        map->any_known |= segment != TEXT_NONE;
        map->ignored.unknown_ids += segment == TEXT_NONE;
        if (segment != TEXT_NONE)
            take(map, segment);
    }
}

void segment_map_add(SegmentMap *map, ClassRow *row)
{
    uint32_t class = segment_truth_class(map->truth, row->class);
    if (class == TEXT_NONE || map->seen[class]) {
        map->ignored.unknown_classes += class == TEXT_NONE;
        map->ignored.repeated_rows += class != TEXT_NONE;
        return;
    }
    SegmentRun run;
    begin_list(map, class);
    for (size_t left = map->top; segment_run_next(&run, row);) {
        size_t count = run.count < left ? run.count : left;
        take_run(map, &run, count);
        map->ignored.beyond += run.count - count;
        left -= count;
    }
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
    if (map->any_known) // most segments of a submission have no rating, but not all
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
