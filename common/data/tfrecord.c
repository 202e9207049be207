#include "common/data/tfrecord.h"
#include "common/data/inflate.h"

#include <isa-l/crc.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#define MASK_DELTA 0xa282ead8u

static uint32_t read_u32(const uint8_t *bytes)
{
    uint32_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

static uint64_t read_u64(const uint8_t *bytes)
{
    uint64_t value;
    memcpy(&value, bytes, sizeof value);
    return value;
}

/* CRC-32C in pieces: the library takes a signed int as its length. */
static uint32_t crc32c(const uint8_t *bytes, size_t size)
{
    const size_t piece = (size_t)1 << 30;
    uint32_t crc = ~0u;
    for (; size > piece; bytes += piece, size -= piece)
        crc = crc32_iscsi((unsigned char *)bytes, (int)piece, crc);
    return ~crc32_iscsi((unsigned char *)bytes, (int)size, crc);
}

uint32_t tfrecord_checksum(const void *bytes, size_t size)
{
    uint32_t crc = size ? crc32c(bytes, size) : 0;
    return (crc >> 15 | crc << 17) + MASK_DELTA;
}

void tfrecord_head(uint8_t head[TFRECORD_HEAD_BYTES], uint64_t size)
{
    memcpy(head, &size, sizeof size);
    uint32_t checksum = tfrecord_checksum(head, sizeof size);
    memcpy(head + sizeof size, &checksum, sizeof checksum);
}

static bool head_is_valid(const uint8_t *head)
{
    return read_u32(head + 8) == tfrecord_checksum(head, 8);
}

bool tfrecord_recognize(const void *bytes, size_t size, TfrecordCompression *compression)
{
    const uint8_t *first = bytes;
    *compression = TFRECORD_PLAIN; // a length may look like the magic of a stream: 0x8b1f, 0x9c78
    if (size >= TFRECORD_HEAD_BYTES && head_is_valid(first))
        return true;
    if (size >= 3 && first[0] == 0x1f && first[1] == 0x8b && first[2] == 8)
        *compression = TFRECORD_GZIP;
    else if (size >= 2 && first[0] == 0x78 && first[1] && strchr("\x01\x5e\x9c\xda", first[1]))
        *compression = TFRECORD_ZLIB;
    return *compression != TFRECORD_PLAIN;
}

TfrecordReader tfrecord_of_bytes(const char *name, const void *bytes, size_t size)
{
    return (TfrecordReader){ .path = name, .bytes = bytes, .size = size };
}

bool tfrecord_open(TfrecordReader *reader, const char *path, Failure *failure)
{
    *reader = (TfrecordReader){ .path = path };
    if (!mapped_file_open(&reader->file, path, failure))
        return false;
    reader->bytes = reader->file.bytes;
    reader->size = reader->file.size;
    tfrecord_recognize(reader->bytes, reader->size, &reader->compression);
    if (reader->compression == TFRECORD_PLAIN)
        return true;
    bool ok = inflate_all(&reader->inflated, &reader->size, path, reader->file.bytes,
                          reader->file.size, failure);
    reader->bytes = reader->inflated;
    mapped_file_close(&reader->file);
    return ok;
}

void tfrecord_close(TfrecordReader *reader)
{
    inflate_release(reader->inflated, reader->size);
    mapped_file_close(&reader->file);
    *reader = (TfrecordReader){ 0 };
}

/* "path:byte: record N", the beginning of every complaint; N is unknown to a reader by offset. */
static bool refuse(const char *path, const Record *record, const char *what, Failure *failure)
{
    char number[32] = "";
    if (record->number != UINT64_MAX)
        snprintf(number, sizeof number, " %llu", (unsigned long long)record->number);
    return fail(failure, EX_DATAERR, "%s:%llu: %srecord%s %s", path,
                (unsigned long long)record->offset, *number ? "" : "the ", number, what);
}

bool tfrecord_length(Record *record, const uint8_t *head, uint64_t left, const char *path,
                     Failure *failure)
{
    if (left < TFRECORD_HEAD_BYTES)
        return refuse(path, record, "is cut off; download it again", failure);
    if (!head_is_valid(head))
        return refuse(path, record,
                      "is corrupted: its length doesn't match its checksum; download it again",
                      failure);
    left -= TFRECORD_HEAD_BYTES;
    if (left < TFRECORD_TAIL_BYTES || read_u64(head) > left - TFRECORD_TAIL_BYTES)
        return refuse(path, record, "is cut off; download it again", failure);
    record->size = read_u64(head);
    return true;
}

/* The framing of the record at record->offset. */
static bool read_frame(const TfrecordReader *reader, Record *record, uint32_t *payload_checksum,
                       Failure *failure)
{
    const uint8_t *head = reader->bytes + record->offset;
    if (!tfrecord_length(record, head, reader->size - record->offset, reader->path, failure))
        return false;
    record->bytes = head + TFRECORD_HEAD_BYTES;
    *payload_checksum = read_u32(record->bytes + record->size);
    return true;
}

static bool verify(const TfrecordReader *reader, const Record *record, uint32_t checksum,
                   Failure *failure)
{
    return tfrecord_checksum(record->bytes, record->size) == checksum
        || refuse(reader->path, record,
                  "is corrupted: its bytes don't match their checksum; download it again", failure);
}

bool tfrecord_next_frame(TfrecordReader *reader, Record *record, uint32_t *payload_checksum,
                         Failure *failure)
{
    *record = (Record){ .offset = reader->offset, .number = reader->count };
    if (reader->offset == reader->size)
        return false;
    if (!read_frame(reader, record, payload_checksum, failure)) {
        reader->offset = reader->size; // without a length there is no next record
        return false;
    }
    reader->offset += TFRECORD_HEAD_BYTES + record->size + TFRECORD_TAIL_BYTES;
    reader->count++;
    return true;
}

bool tfrecord_next(TfrecordReader *reader, Record *record, Failure *failure)
{
    uint32_t checksum;
    if (reader->file.bytes)
        readahead_advance(&reader->readahead, &reader->file, reader->path, reader->offset);
    return tfrecord_next_frame(reader, record, &checksum, failure)
        && verify(reader, record, checksum, failure);
}

bool tfrecord_at(const TfrecordReader *reader, uint64_t offset, Record *record, Failure *failure)
{
    uint32_t checksum;
    *record = (Record){ .offset = offset, .number = UINT64_MAX };
    if (offset >= reader->size)
        return fail(
            failure, EX_DATAERR,
            "%s:%llu: the file ends at byte %zu; it changed since it was indexed: index it again",
            reader->path, (unsigned long long)offset, reader->size);
    return read_frame(reader, record, &checksum, failure)
        && verify(reader, record, checksum, failure);
}

void tfrecord_forget(const TfrecordReader *reader)
{
    if (!reader->inflated && reader->file.bytes)
        madvise((void *)reader->file.bytes, reader->file.size, MADV_DONTNEED);
}
