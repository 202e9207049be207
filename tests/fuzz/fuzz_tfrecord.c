/*
 * Files of records: in order, by framing alone, and by offset. Plain ones; those that look
 * compressed are inflated.
 */
#include "harness.h"
#include "records.h"

#include "common/data/tfrecord.h"

/* In order; an offset that worked works again. */
static void read_all(TfrecordReader *reader)
{
    Failure failure = { 0 };
    Record record, again;
    while (tfrecord_next(reader, &record, &failure)) {
        touch(record.bytes, record.size);
        CHECK(tfrecord_at(reader, record.offset, &again, &failure));
        CHECK(again.bytes == record.bytes && again.size == record.size);
    }
    check_outcome(failure.code == EX_OK, &failure);
}

static void read_frames(TfrecordReader *reader)
{
    Failure failure = { 0 };
    Record record;
    uint32_t checksum;
    uint64_t count = 0;
    while (tfrecord_next_frame(reader, &record, &checksum, &failure)) {
        CHECK(record.number == count++);
        touch(record.bytes, record.size);
    }
    CHECK(reader->offset == reader->size);
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    TfrecordReader reader;
    Record record;
    (void)arena;
    if (!tfrecord_open(&reader, INPUT, &failure)) {
        check_outcome(false, &failure);
        return;
    }
    read_all(&reader);
    reader.offset = reader.count = 0;
    read_frames(&reader);
    for (size_t i = 0; i < size && i < 16; i++) // offsets from an index that knows another file
        tfrecord_at(&reader, (uint64_t)bytes[i] * bytes[size - 1 - i], &record, &(Failure){ 0 });
    tfrecord_at(&reader, UINT64_MAX, &record, &(Failure){ 0 });
    tfrecord_close(&reader);
}

static size_t repair(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    (void)most;
    (void)seed;
    repair_records(bytes, size);
    return size;
}

const Harness harness = { "tfrecord", try, repair, 2, 1 << 16 };
