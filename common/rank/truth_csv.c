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

static bool take_rating(Reading *reading)
{
    char text[1100];
    const CsvField *fields = reading->csv.fields;
    uint32_t start, class;
    double relevant;
    if (!check_id(reading) || !class_of(reading, 2, fields[2].text, fields[2].length, &class))
        return false;
    if (!number_whole(fields[1].text, fields[1].length, &start))
        return csv_refuse(&reading->csv, 1, 0, reading->failure,
                          "the start is no whole number; write seconds");
    if (!number_real(fields[3].text, fields[3].length, &relevant))
        return csv_refuse(&reading->csv, 3, 0, reading->failure,
                          "Relevant is no number; write 0 or 1");
    SegmentRating *row = vector_add(&reading->rows, sizeof *row, reading->failure);
    if (!row)
        return false;
    *row = (SegmentRating){ class, 0, (uint32_t)reading->ids.count, relevant > 0 };
    int length =
        snprintf(text, sizeof text, "%.*s:%u", (int)fields[0].length, fields[0].text, start);
    return add_id(reading, text, (size_t)length);
}

static bool read_rows(Reading *reading, const char *path, const char *header,
                      bool take(Reading *reading))
{
    if (!csv_open(&reading->csv, path, header, reading->failure))
        return false;
    while (csv_next(&reading->csv, reading->failure))
        if (!take(reading))
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
    bool ok = read_rows(&reading, path, "VideoId,Labels", take_video)
        && text_table_open(&truth->ids, reading.ids.count, arena, failure)
        && enter_videos(truth, &reading, path)
        && video_truth_build(truth, reading.rows.items, reading.rows.count, arena, failure);
    close_reading(&reading);
    return ok;
}

bool segment_truth_read_csv(SegmentTruth *truth, const char *path, Arena *arena, Failure *failure)
{
    Reading reading = { .arena = arena, .failure = failure };
    *truth = (SegmentTruth){ 0 };
    bool ok = read_rows(&reading, path, "VideoId,Start,Class,Relevant", take_rating)
        && text_table_open(&truth->segments, reading.ids.count, arena, failure);
    const TextEntry *ids = reading.ids.items;
    SegmentRating *ratings = reading.rows.items;
    for (size_t i = 0; ok && i < reading.rows.count; i++)
        ratings[i].segment = text_table_enter(&truth->segments, ids[i].text, ids[i].length);
    ok = ok && segment_truth_build(truth, ratings, reading.rows.count, arena, failure);
    close_reading(&reading);
    return ok;
}
