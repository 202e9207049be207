#include "common/rank/truth_csv.h"
#include "common/rank/csv_reader.h"
#include "common/rank/number.h"
#include "common/rank/vector.h"

#include <stdio.h>

/* A table being read: its ids, then what is said about them. */
typedef struct Reading {
    CsvReader csv;
    Vector ids;  // TextEntry
    Vector rows; // VideoLabel or SegmentRating
    Arena *arena;
    Failure *failure;
} Reading;

static bool add_id(Reading *reading, const char *id, size_t length)
{
    TextEntry *entry = vector_add(&reading->ids, sizeof *entry, reading->failure);
    if (!entry)
        return false;
    *entry =
        (TextEntry){ arena_copy(reading->arena, id, length, reading->failure), (uint32_t)length };
    return entry->text != NULL;
}

static bool check_id(Reading *reading)
{
    const CsvField *id = &reading->csv.fields[0];
    if (id->length > 0 && id->length <= 1024 && reading->ids.count < UINT32_MAX / 2)
        return true;
    return csv_refuse(&reading->csv, 0, 0, reading->failure,
                      "an id of %zu bytes; name the video of this row", id->length);
}

static bool class_of(Reading *reading, size_t field, const char *text, size_t length,
                     uint32_t *class)
{
    size_t offset = (size_t)(text - reading->csv.fields[field].text);
    if (number_whole(text, length, class) && *class < TRUTH_MOST_CLASSES)
        return true;
    return csv_refuse(&reading->csv, field, offset, reading->failure,
                      "\"%.*s\" is no class; write whole numbers below %u",
                      length < 40 ? (int)length : 40, text, TRUTH_MOST_CLASSES);
}

static bool take_labels(Reading *reading)
{
    const CsvField *field = &reading->csv.fields[1];
    const char *at = field->text, *end = at + field->length;
    while (at < end) {
        const char *stop = memchr(at, ' ', (size_t)(end - at));
        VideoLabel label = { .video = (uint32_t)reading->ids.count };
        stop = stop ? stop : end;
        if (stop > at) {
            VideoLabel *row;
            if (!class_of(reading, 1, at, (size_t)(stop - at), &label.class)
                || !(row = vector_add(&reading->rows, sizeof *row, reading->failure)))
                return false;
            *row = label;
        }
        at = stop + 1;
    }
    return true;
}

static bool take_video(Reading *reading)
{
    const CsvField *id = &reading->csv.fields[0];
    return check_id(reading) && take_labels(reading) && add_id(reading, id->text, id->length);
}

/* A segment: its video's id, and its start as it stands in field `field` from `offset` on. */
typedef struct SegmentText {
    const char *id, *start;
    size_t id_length, start_length, field, offset;
} SegmentText;

/* Take a rating whose class stands in field `class_field`, and its score in the next one. */
static bool add_rating(Reading *reading, const SegmentText *segment, size_t class_field,
                       TruthPart part)
{
    char text[1100];
    const CsvField *class_text = &reading->csv.fields[class_field], *score = class_text + 1;
    uint32_t start, class;
    double relevant;
    if (!class_of(reading, class_field, class_text->text, class_text->length, &class))
        return false;
    if (!number_whole(segment->start, segment->start_length, &start))
        return csv_refuse(&reading->csv, segment->field, segment->offset, reading->failure,
                          "the start is no whole number; write seconds");
    if (!number_real(score->text, score->length, &relevant))
        return csv_refuse(&reading->csv, class_field + 1, 0, reading->failure,
                          "the rating is no number; write 0 or 1");
    SegmentRating *row = vector_add(&reading->rows, sizeof *row, reading->failure);
    if (!row)
        return false;
    *row = (SegmentRating){ class, 0, (uint32_t)reading->ids.count, relevant > 0, part };
    int length =
        snprintf(text, sizeof text, "%.*s:%u", (int)segment->id_length, segment->id, start);
    return add_id(reading, text, (size_t)length);
}

/* VideoId,Start,Class,Relevant */
static bool take_rating(Reading *reading)
{
    const CsvField *fields = reading->csv.fields;
    SegmentText segment = { fields[0].text, fields[1].text, fields[0].length, fields[1].length,
                            .field = 1 };
    return check_id(reading) && add_rating(reading, &segment, 2, TRUTH_PUBLIC);
}

/* VIDEO:START,CLASS,SCORE */
static bool take_cached_rating_of(Reading *reading, TruthPart part)
{
    const CsvField *field = &reading->csv.fields[0];
    const char *colon = field->length ? memrchr(field->text, ':', field->length) : NULL;
    size_t before = colon ? (size_t)(colon - field->text) : 0;
    if (!check_id(reading))
        return false;
    if (!before)
        return csv_refuse(&reading->csv, 0, 0, reading->failure,
                          "no segment; write VIDEO:START, such as 002G:35");
    SegmentText segment = { field->text, colon + 1, before, field->length - before - 1,
                            .offset = before + 1 };
    return add_rating(reading, &segment, 1, part);
}

static bool take_cached_rating(Reading *reading)
{
    return take_cached_rating_of(reading, TRUTH_PUBLIC);
}

/* VIDEO:START,CLASS,SCORE,PART */
static bool take_divided_rating(Reading *reading)
{
    const CsvField *field = &reading->csv.fields[3];
    for (TruthPart part = 0; part < TRUTH_PARTS; part++) {
        const char *name = truth_part_name(part);
        if (field->length == strlen(name) && memcmp(field->text, name, field->length) == 0)
            return take_cached_rating_of(reading, part);
    }
    return csv_refuse(&reading->csv, 3, 0, reading->failure,
                      "\"%.*s\" is no part; write public or private",
                      field->length < 40 ? (int)field->length : 40, field->text);
}

/* A form that a truth may have. */
typedef struct TruthForm {
    const char *columns;
    bool (*take)(Reading *reading);
    bool headed;
    size_t parts;
} TruthForm;

static const TruthForm headed_form = { "VideoId,Start,Class,Relevant", take_rating, true, 1 };
static const TruthForm cache_form = { "VIDEO:START,CLASS,SCORE", take_cached_rating, false, 1 };
static const TruthForm divided_form = { "VIDEO:START,CLASS,SCORE,PART", take_divided_rating, false,
                                        TRUTH_PARTS };

/* The form that the first row shows: a segment has a colon, which no header has. */
static const TruthForm *form_of(const char *path, Failure *failure)
{
    CsvReader csv;
    const TruthForm *form = &headed_form;
    if (csv_open_bare(&csv, path, divided_form.columns, failure)) {
        Failure none = { 0 }; // another number of columns
        csv_next(&csv, &none);
        if (csv.count && memchr(csv.fields[0].text, ':', csv.fields[0].length))
            form = csv.count < 4 ? &cache_form : &divided_form;
    }
    csv_close(&csv);
    return failure->code == EX_OK ? form : NULL;
}

static bool read_rows(Reading *reading, const char *path, const TruthForm *form)
{
    bool ok = form->headed ? csv_open(&reading->csv, path, form->columns, reading->failure)
                           : csv_open_bare(&reading->csv, path, form->columns, reading->failure);
    if (!ok)
        return false;
    while (csv_next(&reading->csv, reading->failure))
        if (!form->take(reading))
            return false;
    return reading->failure->code == EX_OK;
}

static void close_reading(Reading *reading)
{
    csv_close(&reading->csv);
    vector_free(&reading->ids);
    vector_free(&reading->rows);
}

static bool enter_videos(VideoTruth *truth, const Reading *reading, const char *path)
{
    const TextEntry *ids = reading->ids.items;
    for (size_t i = 0; i < reading->ids.count; i++) {
        text_table_enter(&truth->ids, ids[i].text, ids[i].length);
        if (truth->ids.count == i)
            return fail(reading->failure, EX_DATAERR,
                        "%s: video %.*s is there twice; keep one of its rows", path,
                        (int)ids[i].length, ids[i].text);
    }
    return true;
}

bool video_truth_read_csv(VideoTruth *truth, const char *path, Arena *arena, Failure *failure)
{
    Reading reading = { .arena = arena, .failure = failure };
    *truth = (VideoTruth){ 0 };
    static const TruthForm form = { "VideoId,Labels", take_video, true, 1 };
    bool ok = read_rows(&reading, path, &form)
        && text_table_open(&truth->ids, reading.ids.count, arena, failure)
        && enter_videos(truth, &reading, path)
        && video_truth_build(truth, reading.rows.items, reading.rows.count, arena, failure);
    close_reading(&reading);
    return ok;
}

bool segment_truth_read_csv(SegmentTruth *truth, const char *path, Arena *arena, Failure *failure)
{
    Reading reading = { .arena = arena, .failure = failure };
    const TruthForm *form = form_of(path, failure);
    *truth = (SegmentTruth){ .parts = form ? form->parts : 1 };
    bool ok = form && read_rows(&reading, path, form)
        && text_table_open(&truth->segments, reading.ids.count, arena, failure);
    const TextEntry *ids = reading.ids.items;
    SegmentRating *ratings = reading.rows.items;
    for (size_t i = 0; ok && i < reading.rows.count; i++)
        ratings[i].segment = text_table_enter(&truth->segments, ids[i].text, ids[i].length);
    ok = ok && segment_truth_build(truth, ratings, reading.rows.count, arena, failure);
    close_reading(&reading);
    return ok;
}
