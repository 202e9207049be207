#include "common/learn/events.h"
#include "common/data/tfrecord.h"

#include <string.h>

#define VERSION "brain.Event:2"
#define MOST_TEXT ((size_t)100)
#define MOST_BYTES ((size_t)256) // of one event: a text, two numbers, a few tags

/* A message of protobuf's wire format being written. */
typedef struct Message {
    uint8_t bytes[MOST_BYTES];
    size_t size;
} Message;

enum { VARINT = 0, FIXED64 = 1, BYTES = 2, FIXED32 = 5 }; // wire types

static void put_varint(Message *message, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        message->bytes[message->size++] = (uint8_t)(value | 0x80);
    message->bytes[message->size++] = (uint8_t)value;
}

static void put_tag(Message *message, unsigned field, unsigned type)
{
    put_varint(message, field << 3 | type);
}

/* The bytes of a number, little-endian. */
static void put_fixed(Message *message, uint64_t bits, size_t size)
{
    for (size_t i = 0; i < size; i++)
        message->bytes[message->size++] = (uint8_t)(bits >> 8 * i);
}

static void put_bytes(Message *message, unsigned field, const void *bytes, size_t size)
{
    put_tag(message, field, BYTES);
    put_varint(message, size);
    memcpy(message->bytes + message->size, bytes, size);
    message->size += size;
}

static Message begin_event(double wall_time)
{
    Message event = { .size = 0 };
    uint64_t bits;
    memcpy(&bits, &wall_time, sizeof bits);
    put_tag(&event, 1, FIXED64);
    put_fixed(&event, bits, 8);
    return event;
}

static void append(Events *events, const Message *event)
{
    Message record = { .size = 0 };
    put_fixed(&record, event->size, 8);
    put_fixed(&record, tfrecord_checksum(record.bytes, 8), 4);
    fwrite(record.bytes, 1, record.size, events->file);
    fwrite(event->bytes, 1, event->size, events->file);
    record.size = 0;
    put_fixed(&record, tfrecord_checksum(event->bytes, event->size), 4);
    fwrite(record.bytes, 1, record.size, events->file);
    fflush(events->file);
}

void events_open(Events *events, const char *path, double wall_time)
{
    Message event = begin_event(wall_time);
    put_bytes(&event, 3, VERSION, strlen(VERSION));
    events->file = fopen(path, "we");
    if (events->file)
        append(events, &event);
}

void events_close(Events *events)
{
    if (events->file)
        fclose(events->file);
    events->file = NULL;
}

void events_scalar(Events *events, double wall_time, uint64_t step, const char *tag, float value)
{
    Message event = begin_event(wall_time), summary = { .size = 0 }, scalar = { .size = 0 };
    uint32_t bits;
    if (!events->file || strlen(tag) > MOST_TEXT)
        return;
    memcpy(&bits, &value, sizeof bits);
    put_bytes(&scalar, 1, tag, strlen(tag));
    put_tag(&scalar, 2, FIXED32);
    put_fixed(&scalar, bits, 4);
    put_bytes(&summary, 1, scalar.bytes, scalar.size);
    put_tag(&event, 2, VARINT);
    put_varint(&event, step);
    put_bytes(&event, 5, summary.bytes, summary.size);
    append(events, &event);
}
