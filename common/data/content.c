#include "common/data/content.h"
#include "common/data/tfrecord.h"
#include "common/data/wire.h"

#include <ctype.h>
#include <string.h>

#define LOOK_BYTES ((size_t)4096)     // of a text: enough to tell it from binary data
#define EVENTS_VERSION "brain.Event:" // how the first event of a file begins

/* Whether a file of records holds events: the first one says the version of its kind. */
static bool is_events(const MappedFile *file, const char *path)
{
    TfrecordReader reader = tfrecord_of_bytes(path, file->bytes, file->size);
    Record record;
    WireField field;
    Failure none = { 0 };
    bool found = false;
    if (!tfrecord_next(&reader, &record, &none))
        return false;
    Wire event = wire_of(record.bytes, record.size);
    while (!found && wire_next(&event, &field))
        found = field.number == 3 && field.type == WIRE_BYTES
            && field.size >= strlen(EVENTS_VERSION)
            && memcmp(field.bytes, EVENTS_VERSION, strlen(EVENTS_VERSION)) == 0;
    return found;
}

static bool is_safetensors(const MappedFile *file)
{
    uint64_t header;
    if (file->size < 10)
        return false;
    memcpy(&header, file->bytes, sizeof header);
    return header <= file->size - 8 && file->bytes[8] == '{';
}

/* The first character that is not blank; 0 where there is none, or the file is no text. */
static int first_character(const MappedFile *file)
{
    int first = 0;
    size_t size = file->size < LOOK_BYTES ? file->size : LOOK_BYTES;
    for (size_t i = 0; i < size; i++) {
        uint8_t character = file->bytes[i];
        if (character == 0)
            return 0;
        if (first == 0 && !isspace(character))
            first = character;
    }
    return first;
}

Content content_of(const MappedFile *file, const char *path)
{
    TfrecordCompression compression;
    if (file->size == 0)
        return CONTENT_RECORDS;
    if (tfrecord_recognize(file->bytes, file->size, &compression))
        return compression == TFRECORD_PLAIN && is_events(file, path) // nobody compresses these
            ? CONTENT_EVENTS
            : CONTENT_RECORDS;
    if (is_safetensors(file))
        return CONTENT_SAFETENSORS;
    int first = first_character(file);
    if (!first)
        return CONTENT_UNKNOWN;
    return first == '{' || first == '[' ? CONTENT_JSON : CONTENT_TEXT;
}

const char *content_name(Content content)
{
    static const char *const names[] = {
        [CONTENT_UNKNOWN] = "of no known kind",
        [CONTENT_RECORDS] = "TFRecords",
        [CONTENT_EVENTS] = "events",
        [CONTENT_SAFETENSORS] = "safetensors",
        [CONTENT_JSON] = "JSON",
        [CONTENT_TEXT] = "text",
    };
    return names[content];
}
