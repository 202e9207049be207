#include "common/data/inspect.h"
#include "common/base/json_text.h"
#include "common/data/tfrecord.h"
#include "common/data/wire.h"

#include <inttypes.h>
#include <string.h>

/*
 * The fields of TensorFlow's core/util/event.proto and core/framework/{summary,tensor}.proto that
 * scalars use.
 */
enum { EVENT_TIME = 1, EVENT_STEP = 2, EVENT_VERSION = 3, EVENT_SUMMARY = 5 };
enum { SUMMARY_VALUE = 1 };
enum { VALUE_TAG = 1, VALUE_SIMPLE = 2, VALUE_TENSOR = 8 };
enum { TENSOR_FLOATS = 5 };

typedef struct Event {
    double time;
    int64_t step;
    WireField version; // bytes NULL: it has none
} Event;

/* The first float of a TensorProto; false where it holds none. */
static bool tensor_float(const WireField *tensor, float *value)
{
    Wire wire = wire_inside(tensor);
    WireField field;
    while (wire_next(&wire, &field))
        if (field.number == TENSOR_FLOATS && field.size >= sizeof *value) {
            memcpy(value, field.bytes, sizeof *value);
            return true;
        }
    return false;
}

static void print_value(const Event *event, const WireField *summary_value, FILE *to)
{
    Wire wire = wire_inside(summary_value);
    WireField field, tag = { .bytes = NULL };
    float value = 0;
    bool found = false;
    while (wire_next(&wire, &field)) {
        if (field.number == VALUE_TAG && field.type == WIRE_BYTES)
            tag = field;
        else if (field.number == VALUE_SIMPLE && field.type == WIRE_32) {
            memcpy(&value, field.bytes, sizeof value);
            found = true;
        } else if (field.number == VALUE_TENSOR && field.type == WIRE_BYTES)
            found = tensor_float(&field, &value);
    }
    fprintf(to, "{\"step\":%" PRId64 ",\"tag\":", event->step);
    json_text_string(to, tag.bytes, tag.size);
    fputs(",\"value\":", to);
    if (found)
        json_text_float(to, value);
    else
        fputs("null", to);
    fputs(",\"wall_time\":", to);
    json_text_double(to, event->time);
    fputs("}\n", to);
}

/* Step, time and version first: they may stand behind the values. */
static bool read_event(Event *event, Wire wire)
{
    WireField field;
    *event = (Event){ .time = 0 };
    while (wire_next(&wire, &field))
        if (field.number == EVENT_TIME && field.type == WIRE_64)
            memcpy(&event->time, field.bytes, sizeof event->time);
        else if (field.number == EVENT_STEP && field.type == WIRE_VARINT)
            event->step = (int64_t)field.value;
        else if (field.number == EVENT_VERSION && field.type == WIRE_BYTES)
            event->version = field;
    return !wire.problem;
}

static bool print_event(const char *path, const Record *record, FILE *to, Failure *failure)
{
    Event event;
    WireField field;
    Wire wire = wire_of(record->bytes, record->size);
    if (!read_event(&event, wire))
        return fail(failure, EX_DATAERR, "%s:%" PRIu64 ": record %" PRIu64 " is no event", path,
                    record->offset, record->number);
    if (event.version.bytes) {
        fputs("{\"file_version\":", to);
        json_text_string(to, event.version.bytes, event.version.size);
        fputs("}\n", to);
    }
    WireMerged summary = wire_merged(wire, EVENT_SUMMARY);
    while (wire_merged_next(&summary, &field))
        if (field.number == SUMMARY_VALUE && field.type == WIRE_BYTES)
            print_value(&event, &field, to);
    return inspect_goes_on(to, failure);
}

bool inspect_events(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure)
{
    TfrecordReader reader;
    Record record;
    (void)scratch;
    bool ok = tfrecord_open(&reader, path, failure);
    while (ok && tfrecord_next(&reader, &record, failure))
        if (!range.given || (record.number >= range.first && record.number < range.end))
            ok = print_event(path, &record, to, failure);
    tfrecord_close(&reader);
    return ok && failure->code == EX_OK;
}
