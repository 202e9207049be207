/*
 * TFRecord: a file of length-prefixed, checksummed records, little-endian.
 *
 *   record    = length u64 | masked(length) u32 | payload u8 [length] | masked(payload) u32
 *   masked(x) = rotate_right(crc32c(x), 15) + 0xa282ead8  (mod 2^32)
 *
 * Source: TensorFlow, core/lib/io/record_writer.h and core/lib/hash/crc32c.h; spec 1.1 to 1.4.
 */
#ifndef PODIUM_DATA_TFRECORD_H
#define PODIUM_DATA_TFRECORD_H

#include "common/data/readahead.h"

#define TFRECORD_HEAD_BYTES 12 // length and its checksum
#define TFRECORD_TAIL_BYTES 4  // the payload's checksum

typedef enum TfrecordCompression {
    TFRECORD_PLAIN,
    TFRECORD_GZIP,
    TFRECORD_ZLIB
} TfrecordCompression;

typedef struct Record {
    const uint8_t *bytes; // the payload
    size_t size;
    uint64_t offset; // of the record's first byte (its length field) in the uncompressed file
    uint64_t number; // from 0; UINT64_MAX where the record was asked for by its offset
} Record;

/* A file of records, read in order or by offset. Plain files are mapped; others are inflated once.
 */
typedef struct TfrecordReader {
    const char *path; // borrowed
    MappedFile file;
    const uint8_t *bytes; // the uncompressed stream
    size_t size, offset;
    uint64_t count; // records read so far
    TfrecordCompression compression;
    uint8_t *inflated; // owned, for compressed files
    Readahead readahead;
} TfrecordReader;

/*
 * Open a file of records; the compression is told from its first bytes. A file that begins with a
 * valid length is plain, whatever else its first bytes look like; an empty file has no records.
 *
 *   failure  EX_NOINPUT: can't be opened. EX_DATAERR: a compressed stream that is damaged or cut
 * off. EX_OSERR: it inflates to more than half of the machine's memory. memory   plain: none of its
 * own; compressed: the inflated stream
 */
bool tfrecord_open(TfrecordReader *reader, const char *path, Failure *failure);
void tfrecord_close(TfrecordReader *reader);

/* A reader of bytes in memory, for tests and fuzzers. Needs no close. */
TfrecordReader tfrecord_of_bytes(const char *name, const void *bytes, size_t size);

/* How bytes begin a file of records. False where they don't: neither a length nor a stream. */
bool tfrecord_recognize(const void *bytes, size_t size, TfrecordCompression *compression);

/*
 * Read the next record: true while there is one, false at the end and on failure.
 *
 *   record   payload bytes, owned by the reader, valid until tfrecord_close
 *   failure  stays EX_OK at a clean end. EX_DATAERR: a checksum differs, or the file ends inside a
 *            record (says which record and byte). After a payload whose checksum differs the reader
 *            stands behind it, so a caller may go on; after any other failure it is at the end.
 *   memory   none: a length that the file can't hold is refused, not allocated
 *   speed    what comes next is asked for ahead of its use, so a cold disk is kept busy
 */
bool tfrecord_next(TfrecordReader *reader, Record *record, Failure *failure);

/*
 * The length that a record's head says, into record->size, for who reads framing by himself; it is
 * believed once its checksum is, and once the file can hold it.
 *
 *   record   whose offset and number are known
 *   head     TFRECORD_HEAD_BYTES, where there are so many left
 *   left     bytes of the file from the record's offset on
 *   failure  EX_DATAERR: as tfrecord_next
 */
bool tfrecord_length(Record *record, const uint8_t *head, uint64_t left, const char *path,
                     Failure *failure);

/*
 * The framing of the next record alone: as tfrecord_next, but the payload is not read and its
 * checksum is not verified, only returned.
 */
bool tfrecord_next_frame(TfrecordReader *reader, Record *record, uint32_t *payload_checksum,
                         Failure *failure);

/*
 * The record that begins at a byte offset, verified as tfrecord_next does. Safe to call from
 * several threads at once on one reader.
 */
bool tfrecord_at(const TfrecordReader *reader, uint64_t offset, Record *record, Failure *failure);

/*
 * The bytes read so far won't be used soon: memory that they were mapped to is given back (the
 * system keeps the file's pages as long as it likes). They stay readable, also meanwhile: what
 * other threads hold is mapped again at its next use. Nothing happens for compressed files.
 */
void tfrecord_forget(const TfrecordReader *reader);

/* A file of records being written; appears whole or not at all, as AtomicFile does. */
typedef struct TfrecordWriter TfrecordWriter;

/* The same records give the same bytes: a compressed file names neither time nor file. */
bool tfrecord_create(TfrecordWriter **writer, const char *path, TfrecordCompression compression,
                     Arena *arena, Failure *failure);
bool tfrecord_write(TfrecordWriter *writer, const void *payload, size_t size, Failure *failure);
bool tfrecord_commit(TfrecordWriter *writer, char sha256[SHA256_HEX_BYTES], Failure *failure);
void tfrecord_discard(TfrecordWriter *writer); // NULL and committed ones: does nothing

/* Append one record to a plain file that is being written by other means than a writer. */
bool tfrecord_append(AtomicFile *file, const void *payload, size_t size, Failure *failure);

/* The masked CRC-32C of bytes, as it stands in the file. */
uint32_t tfrecord_checksum(const void *bytes, size_t size);

/* The head (length and its checksum) of a record of that size, for who writes framing himself. */
void tfrecord_head(uint8_t head[TFRECORD_HEAD_BYTES], uint64_t size);

#endif
