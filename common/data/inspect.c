#include "common/data/inspect.h"
#include "common/data/tfrecord.h"
#include "common/data/wire.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define LOOK_BYTES ((size_t)4096)     // of a text: enough to tell it from binary data
#define EVENTS_VERSION "brain.Event:" // how the first event of a file begins

typedef bool Inspect(const char *path, InspectRange range, FILE *to, Arena scratch,
                     Failure *failure);

/* Parse digits up to `stop`; where there are none the number stays what it is. */
static const char *parse_number(const char *text, uint64_t *number)
{
    char *end = (char *)text;
    errno = 0;
    unsigned long long value = isdigit((unsigned char)*text) ? strtoull(text, &end, 10) : 0;
    if (end != text)
        *number = errno ? UINT64_MAX : value;
    return end;
}

bool inspect_range_parse(InspectRange *range, const char *text, Failure *failure)
{
    *range = (InspectRange){ 0, UINT64_MAX, true };
    const char *next = parse_number(text, &range->first);
    bool ok = *text != 0;
    if (*next == ':')
        next = parse_number(next + 1, &range->end);
    else
        range->end = range->first + 1;
    if (!ok || *next || range->end < range->first)
        return fail(failure, EX_USAGE, "--records %s: not a range; write 0:10, 5: or 7", text);
    return true;
}

bool inspect_goes_on(FILE *to, Failure *failure)
{
    if (!ferror(to))
        return true;
    if (errno == EPIPE) // whoever read has seen enough
        return false;
    return fail_errno(failure, EX_IOERR, "the output can't be written");
}

/* Whether a file of records holds events: the first one says the version of its kind. */
static bool is_events(const char *path, Failure *failure)
{
    TfrecordReader reader;
    Record record;
    WireField field;
    bool found = false;
    if (tfrecord_open(&reader, path, failure) && tfrecord_next(&reader, &record, failure)) {
        Wire event = wire_of(record.bytes, record.size);
        while (!found && wire_next(&event, &field))
            found = field.number == 3 && field.type == WIRE_BYTES
                && field.size >= strlen(EVENTS_VERSION)
                && memcmp(field.bytes, EVENTS_VERSION, strlen(EVENTS_VERSION)) == 0;
    }
    tfrecord_close(&reader);
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

static Inspect *recognize(const char *path, Failure *failure)
{
    MappedFile file;
    TfrecordCompression compression = TFRECORD_PLAIN;
    if (!mapped_file_open(&file, path, failure))
        return NULL;
    int first = first_character(&file);
    Inspect *inspect = NULL;
    if (file.size == 0 || tfrecord_recognize(file.bytes, file.size, &compression))
        inspect = inspect_records; // an empty file has no records
    else if (is_safetensors(&file))
        inspect = inspect_safetensors;
    else if (first)
        inspect = first == '{' || first == '[' ? inspect_json : inspect_csv;
    mapped_file_close(&file);
    if (inspect == inspect_records && compression == TFRECORD_PLAIN
        && is_events(path, &(Failure){ 0 }))
        return inspect_events; // nobody compresses these
    if (!inspect)
        fail(failure, EX_DATAERR,
             "%s:0: neither TFRecords (the first length doesn't match its checksum) nor "
             "safetensors, "
             "JSON or CSV; if it should be one of them, it is damaged: make or download it again",
             path);
    return inspect;
}

bool inspect_file(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure)
{
    Inspect *inspect = recognize(path, failure);
    bool ok = inspect && inspect(path, range, to, scratch, failure);
    fflush(to); // before a complaint about what follows it
    return inspect_goes_on(to, failure) && ok;
}
