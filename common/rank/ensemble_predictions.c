/* The members of an ensemble are predictions: scores of the rated segments. */
#include "common/rank/ensemble_map.h"

#include <math.h>
#include <stdio.h>

/* What is read. Rows are those of the first input, which the others share. */
typedef struct Reading {
    EnsembleMap *map;
    EnsembleTruth truth;
    const Predictions *inputs;
    uint32_t *row_of; // [segments of the truth]: TEXT_NONE where it was not predicted
    uint32_t *tie;    // [rows]: place in the order of ids
    bool *rated;      // [rows]: for the class at hand
} Reading;

static bool find_rows(const Reading *reading, Arena scratch, Failure *failure)
{
    const Predictions *like = &reading->inputs[0];
    const TextTable *segments = &reading->truth.truth->segments;
    size_t room = like->id_bytes + 16; // a colon, ten digits and the end
    char *text;
    if (!arena_array(&scratch, text, room, failure))
        return false;
    for (size_t i = 0; i < segments->count; i++)
        reading->row_of[i] = TEXT_NONE;
    for (size_t row = 0; row < like->rows; row++) {
        if (like->start[row] < 0)
            return fail(failure, EX_DATAERR,
                        "%s: row %zu is a whole video; predict with --samples segments", like->path,
                        row);
        int length = snprintf(text, room, "%.*s:%d", (int)prediction_id_length(like, row),
                              prediction_id(like, row), like->start[row]);
        uint32_t segment = text_table_find(segments, text, (size_t)length);
        if (segment != TEXT_NONE)
            reading->row_of[segment] = (uint32_t)row;
    }
    return true;
}

/* The column of a class, which was predicted. */
static bool find_column(const Predictions *like, uint32_t class, size_t *column, Failure *failure)
{
    for (*column = 0; *column < like->classes; (*column)++)
        if (like->class[*column] == class)
            return true;
    return fail(failure, EX_DATAERR,
                "%s: class %u is rated but was not predicted; predict all of the truth's classes",
                like->path, class);
}

/* Take what the members say of a row. */
static bool take_row(const Reading *reading, EnsembleClass *class, size_t column, size_t segment,
                     size_t row, Failure *failure)
{
    size_t members = reading->map->members;
    class->tie[segment] = reading->tie[row];
    for (size_t i = 0; i < members; i++) {
        const Predictions *input = &reading->inputs[i];
        float score = input->scores[row * input->classes + column];
        if (isnan(score))
            return prediction_scores(input, row, failure) != NULL; // says which
        class->scores[segment * members + i] = score;
    }
    return true;
}

/* Whether a rating counts: it is of the part, and its segment was predicted. */
static bool has_row(const Reading *reading, uint64_t rating)
{
    const SegmentTruth *truth = reading->truth.truth;
    return truth->rating_part[rating] == reading->truth.part
        && reading->row_of[truth->rating_segment[rating]] != TEXT_NONE;
}

static bool take_rated(const Reading *reading, EnsembleClass *class, size_t column, size_t number,
                       Failure *failure)
{
    const SegmentTruth *truth = reading->truth.truth;
    size_t segment = 0;
    for (uint64_t i = truth->rating_first[number]; i < truth->rating_first[number + 1]; i++) {
        if (!has_row(reading, i))
            continue;
        uint32_t row = reading->row_of[truth->rating_segment[i]];
        class->positive[segment] = truth->rating_positive[i];
        if (!take_row(reading, class, column, segment++, row, failure))
            return false;
    }
    return true;
}

/* All rows but the rated ones: a list of them may be cut. */
static bool take_rivals(const Reading *reading, EnsembleClass *class, size_t column, size_t number,
                        Failure *failure)
{
    const SegmentTruth *truth = reading->truth.truth;
    size_t rows = reading->inputs[0].rows, segment = class->rated;
    memset(reading->rated, 0, rows * sizeof *reading->rated);
    for (uint64_t i = truth->rating_first[number]; i < truth->rating_first[number + 1]; i++)
        if (has_row(reading, i))
            reading->rated[reading->row_of[truth->rating_segment[i]]] = true;
    for (size_t row = 0; row < rows && segment < class->count; row++)
        if (!reading->rated[row] && !take_row(reading, class, column, segment++, row, failure))
            return false;
    return true;
}

static bool gather_class(const Reading *reading, EnsembleClass *class, size_t number, Arena *arena,
                         Failure *failure)
{
    const SegmentTruth *truth = reading->truth.truth;
    size_t column, rows = reading->inputs[0].rows;
    *class = (EnsembleClass){ .class = truth->classes[number],
                              .positives = truth->class_positives[reading->truth.part][number] };
    for (uint64_t i = truth->rating_first[number]; i < truth->rating_first[number + 1]; i++)
        class->rated += has_row(reading, i);
    class->count = rows > reading->truth.top ? rows : class->rated;
    return find_column(&reading->inputs[0], class->class, &column, failure)
        && ensemble_class_reserve(class, reading->map, arena, failure)
        && take_rated(reading, class, column, number, failure)
        && (class->count == class->rated || take_rivals(reading, class, column, number, failure));
}

bool ensemble_map_of_predictions(EnsembleMap *map, EnsembleTruth truth, const Predictions *inputs,
                                 size_t count, Arena *arena, Failure *failure)
{
    Reading reading = { .map = map, .truth = truth, .inputs = inputs };
    const SegmentTruth *ratings = truth.truth;
    *map = (EnsembleMap){ .members = count, .top = truth.top };
    if (!arena_array(arena, map->classes, ratings->class_count, failure)
        || !arena_array(arena, reading.row_of, ratings->segments.count, failure)
        || !arena_array(arena, reading.rated, inputs[0].rows, failure)
        || !predictions_ranks(&inputs[0], &reading.tie, arena, failure)
        || !find_rows(&reading, *arena, failure))
        return false;
    for (size_t class = 0; class < ratings->class_count; class ++)
        if (ratings->class_positives[truth.part][class] > 0
            && !gather_class(&reading, &map->classes[map->class_count++], class, arena, failure))
            return false;
    return ensemble_map_finish(map, arena, failure);
}
