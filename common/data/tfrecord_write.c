#include "common/data/tfrecord.h"

#include <limits.h>
#include <string.h>
#include <zlib.h>

#define GZIP_HEADER (MAX_WBITS + 16) // zlib's way to ask for the GZIP container
#define MEMORY_LEVEL 8               // zlib's default
#define PIECE_BYTES ((size_t)1 << 16)

struct TfrecordWriter {
    AtomicFile file;
    TfrecordCompression compression;
    z_stream stream;
    bool deflating; // the stream is open
    uint8_t piece[PIECE_BYTES];
};

static bool begin_stream(TfrecordWriter *writer, const char *path, Failure *failure)
{
    int bits = writer->compression == TFRECORD_GZIP ? GZIP_HEADER : MAX_WBITS;
    if (writer->compression == TFRECORD_PLAIN)
        return true;
    writer->deflating = deflateInit2(&writer->stream, Z_DEFAULT_COMPRESSION, Z_DEFLATED, bits,
                                     MEMORY_LEVEL, Z_DEFAULT_STRATEGY)
        == Z_OK;
    return writer->deflating || fail(failure, EX_OSERR, "%s: out of memory", path);
}

bool tfrecord_create(TfrecordWriter **writer, const char *path, TfrecordCompression compression,
                     Arena *arena, Failure *failure)
{
    if (!arena_array(arena, *writer, 1, failure))
        return false;
    (*writer)->file.descriptor = -1;
    (*writer)->compression = compression;
    return begin_stream(*writer, path, failure)
        && atomic_file_open(&(*writer)->file, path, failure);
}

/* Deflate what is in the stream's input; all that comes out goes to the file. */
static bool deflate_input(TfrecordWriter *writer, int flush, Failure *failure)
{
    z_stream *stream = &writer->stream;
    do {
        stream->next_out = writer->piece;
        stream->avail_out = PIECE_BYTES;
        deflate(stream, flush); // can't fail: the stream is open and has room
        if (!atomic_file_write(&writer->file, writer->piece, PIECE_BYTES - stream->avail_out,
                               failure))
            return false;
    } while (stream->avail_out == 0);
    return true;
}

static bool append(TfrecordWriter *writer, const void *bytes, size_t size, Failure *failure)
{
    if (writer->compression == TFRECORD_PLAIN)
        return atomic_file_write(&writer->file, bytes, size, failure);
    for (const uint8_t *next = bytes; size > 0;) {
        unsigned part = size < UINT_MAX ? (unsigned)size : UINT_MAX;
        writer->stream.next_in = (Bytef *)next;
        writer->stream.avail_in = part;
        if (!deflate_input(writer, Z_NO_FLUSH, failure))
            return false;
        next += part;
        size -= part;
    }
    return true;
}

bool tfrecord_write(TfrecordWriter *writer, const void *payload, size_t size, Failure *failure)
{
    uint8_t head[TFRECORD_HEAD_BYTES];
    uint32_t tail = tfrecord_checksum(payload, size);
    tfrecord_head(head, size);
    return append(writer, head, sizeof head, failure) && append(writer, payload, size, failure)
        && append(writer, &tail, sizeof tail, failure);
}

bool tfrecord_append(AtomicFile *file, const void *payload, size_t size, Failure *failure)
{
    uint8_t head[TFRECORD_HEAD_BYTES];
    uint32_t tail = tfrecord_checksum(payload, size);
    tfrecord_head(head, size);
    return atomic_file_write(file, head, sizeof head, failure)
        && atomic_file_write(file, payload, size, failure)
        && atomic_file_write(file, &tail, sizeof tail, failure);
}

bool tfrecord_commit(TfrecordWriter *writer, char sha256[SHA256_HEX_BYTES], Failure *failure)
{
    if (writer->deflating && !deflate_input(writer, Z_FINISH, failure))
        return false;
    if (!atomic_file_commit(&writer->file, sha256, failure))
        return false;
    tfrecord_discard(writer);
    return true;
}

void tfrecord_discard(TfrecordWriter *writer)
{
    if (!writer)
        return;
    if (writer->deflating)
        deflateEnd(&writer->stream);
    writer->deflating = false;
    atomic_file_discard(&writer->file);
}
