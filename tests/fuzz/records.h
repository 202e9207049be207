/*
 * Records: TFRecord framing for harnesses whose input is what a record holds, or whole files of
 * records whose checksums must be right for anything to be read.
 */
#ifndef PODIUM_TESTS_FUZZ_RECORDS_H
#define PODIUM_TESTS_FUZZ_RECORDS_H

#include "common/data/tfrecord.h"

#include <string.h>

#define FRAME_BYTES ((size_t)TFRECORD_HEAD_BYTES + TFRECORD_TAIL_BYTES)

/* Write a record's framing and payload; how many bytes that is. */
static inline size_t put_record(uint8_t *to, const uint8_t *payload, size_t size)
{
    uint32_t checksum = tfrecord_checksum(payload, size);
    tfrecord_head(to, size);
    if (size)
        memcpy(to + TFRECORD_HEAD_BYTES, payload, size);
    memcpy(to + TFRECORD_HEAD_BYTES + size, &checksum, sizeof checksum);
    return size + FRAME_BYTES;
}

/* Set the checksums of all records; a length that the file can't hold becomes what is left. */
static inline void repair_records(uint8_t *bytes, size_t size)
{
    for (size_t at = 0; size - at >= FRAME_BYTES;) {
        uint64_t length;
        memcpy(&length, bytes + at, sizeof length);
        if (length > size - at - FRAME_BYTES)
            length = size - at - FRAME_BYTES;
        tfrecord_head(bytes + at, length);
        uint8_t *payload = bytes + at + TFRECORD_HEAD_BYTES;
        uint32_t checksum = tfrecord_checksum(payload, length);
        memcpy(payload + length, &checksum, sizeof checksum);
        at += length + FRAME_BYTES;
    }
}

#endif
