/*
 * The record is written from its last byte to its first: when the length of a message is due, the
 * message is there already and its length is known.
 */
#include "common/data/video_write.h"

#include <assert.h>
#include <string.h>

#define VARINT_MOST_BYTES ((size_t)10)
#define MESSAGE_BYTES (1 + VARINT_MOST_BYTES)    // at most: a tag below 16, and a length
#define FEATURE_BYTES_BESIDE (6 * MESSAGE_BYTES) // map, entry, key, value, kind, packed list
#define FRAME_BYTES_BESIDE (3 * MESSAGE_BYTES)   // Feature, BytesList, value

typedef enum RatingColumn { STARTS, ENDS, LABELS, RATING_COLUMNS } RatingColumn;

/* Free space before what is written. */
typedef struct Back {
    uint8_t *begin, *next; // next: the first byte written
} Back;

static void put(Back *back, const void *bytes, size_t size)
{
    assert(size <= (size_t)(back->next - back->begin)); // most_bytes is wrong otherwise
    back->next -= size;
    if (size)
        memcpy(back->next, bytes, size);
}

static void put_varint(Back *back, uint64_t value)
{
    uint8_t bytes[VARINT_MOST_BYTES];
    size_t size = 0;
    for (; value >= 0x80; value >>= 7)
        bytes[size++] = (uint8_t)(value | 0x80);
    bytes[size++] = (uint8_t)value;
    put(back, bytes, size);
}

/* Make all from back->next to `end` one field of that number. */
static void wrap(Back *back, const uint8_t *end, unsigned number)
{
    put_varint(back, (uint64_t)(end - back->next));
    put_varint(back, number << 3 | WIRE_BYTES);
}

static void put_bytes(Back *back, const void *bytes, size_t size, unsigned number)
{
    const uint8_t *end = back->next;
    put(back, bytes, size);
    wrap(back, end, number);
}

/* Make all from back->next to `end` the value of a map entry, and the entry one of its map. */
static void wrap_entry(Back *back, const uint8_t *end, const char *name)
{
    wrap(back, end, 2);
    put_bytes(back, name, strlen(name), 1);
    wrap(back, end, 1);
}

/* Make all from back->next to `end`, a packed list's values, a feature of the context. */
static void wrap_feature(Back *back, const uint8_t *end, FeatureKind kind, const char *name)
{
    wrap(back, end, 1);
    wrap(back, end, kind);
    wrap_entry(back, end, name);
}

static void put_frames(Back *back, const VideoColumn *column)
{
    const uint8_t *end = back->next;
    for (size_t i = column->frames; i-- > 0;) {
        const uint8_t *frame_end = back->next;
        put_bytes(back, column->rows + i * column->width, column->width, 1);
        wrap(back, frame_end, FEATURE_BYTES);
        wrap(back, frame_end, 1);
    }
    wrap_entry(back, end, column->name);
}

static void put_rating_column(Back *back, const VideoContent *content, RatingColumn column,
                              const char *name)
{
    const uint8_t *end = back->next;
    for (size_t i = content->rating_count; i-- > 0;) {
        const Rating *rating = &content->ratings[i];
        int64_t values[] = { rating->start, rating->end, rating->label };
        put_varint(back, (uint64_t)values[column]);
    }
    wrap_feature(back, end, FEATURE_INTEGERS, name);
}

static void put_ratings(Back *back, const VideoContent *content)
{
    if (content->rating_count == 0)
        return;
    const uint8_t *end = back->next;
    for (size_t i = content->rating_count; i-- > 0;)
        put(back, &content->ratings[i].score, sizeof(float));
    wrap_feature(back, end, FEATURE_FLOATS, "segment_scores");
    put_rating_column(back, content, LABELS, "segment_labels");
    put_rating_column(back, content, ENDS, "segment_end_times");
    put_rating_column(back, content, STARTS, "segment_start_times");
}

static void put_integers(Back *back, const int64_t *values, size_t count, const char *name)
{
    if (count == 0)
        return;
    const uint8_t *end = back->next;
    for (size_t i = count; i-- > 0;)
        put_varint(back, (uint64_t)values[i]);
    wrap_feature(back, end, FEATURE_INTEGERS, name);
}

static void put_floats(Back *back, const VideoColumn *column)
{
    const uint8_t *end = back->next;
    put(back, column->floats, column->width * sizeof(float));
    wrap_feature(back, end, FEATURE_FLOATS, column->name);
}

static void put_context(Back *back, const VideoContent *content)
{
    const uint8_t *end = back->next;
    put_ratings(back, content);
    put_integers(back, content->origins, content->origin_count, "segment_origins");
    put_integers(back, content->labels, content->label_count, "labels");
    const uint8_t *id_end = back->next;
    put(back, content->id, content->id_length);
    wrap_feature(back, id_end, FEATURE_BYTES, "id");
    for (size_t i = content->column_count; i-- > 0;)
        if (content->columns[i].floats)
            put_floats(back, &content->columns[i]);
    wrap(back, end, 1);
}

static void put_feature_lists(Back *back, const VideoContent *content)
{
    const uint8_t *end = back->next;
    for (size_t i = content->column_count; i-- > 0;)
        if (!content->columns[i].floats)
            put_frames(back, &content->columns[i]);
    wrap(back, end, 2);
}

/* Room for the record: its values, and tags and lengths at their longest. */
static size_t most_bytes(const VideoContent *content)
{
    size_t names = sizeof "id" + sizeof "labels" + 5 * sizeof "segment_start_times";
    size_t most = 2 * MESSAGE_BYTES + 7 * FEATURE_BYTES_BESIDE + names + content->id_length
        + (content->label_count + content->origin_count) * VARINT_MOST_BYTES
        + content->rating_count * (RATING_COLUMNS * VARINT_MOST_BYTES + sizeof(float));
    for (size_t i = 0; i < content->column_count; i++) {
        const VideoColumn *column = &content->columns[i];
        most += FEATURE_BYTES_BESIDE + strlen(column->name);
        most += column->floats ? column->width * sizeof(float)
                               : column->frames * (FRAME_BYTES_BESIDE + column->width);
    }
    return most;
}

bool video_write(const VideoContent *content, Arena *arena, const uint8_t **payload, size_t *size,
                 Failure *failure)
{
    Back back;
    size_t most = most_bytes(content);
    if (!arena_array(arena, back.begin, most, failure))
        return false;
    const uint8_t *end = back.next = back.begin + most;
    put_feature_lists(&back, content);
    put_context(&back, content);
    *payload = back.next;
    *size = (size_t)(end - back.next);
    return true;
}
