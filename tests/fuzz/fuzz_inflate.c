/*
 * Compressed shards: GZIP and ZLIB streams, several members, with records inside.
 */
#include "harness.h"

#include "common/data/tfrecord.h"

#include <string.h>
#include <zlib.h>

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    TfrecordReader reader;
    Record record;
    (void)bytes;
    (void)arena;
    bool ok = tfrecord_open(&reader, INPUT, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    CHECK(reader.size <= 1032 * size + 65536); // deflate can't give more: tfrecord.h, inflate.h
    while (tfrecord_next(&reader, &record, &failure))
        touch(record.bytes, record.size);
    tfrecord_close(&reader);
}

/*
 * A stream ends with a checksum of what it holds, which a mutation breaks. Where the stream is whole
 * but for that, set it: GZIP's is a CRC-32 and a length, ZLIB's an Adler-32, big-endian.
 */
static size_t repair(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    static uint8_t out[1 << 16];
    z_stream stream = {
        .next_in = bytes, .avail_in = (uInt)size, .next_out = out, .avail_out = sizeof out
    };
    bool gzip = size > 1 && bytes[0] == 0x1f;
    (void)most;
    (void)seed;
    if (inflateInit2(&stream, gzip ? MAX_WBITS + 16 : MAX_WBITS) != Z_OK)
        return size;
    int code = inflate(&stream, Z_FINISH);
    uInt left = stream.avail_in, held = (uInt)sizeof out - stream.avail_out;
    inflateEnd(&stream);
    size_t at = size - left; // behind the checksum, once it was found to be wrong
    if (code != Z_DATA_ERROR || at < 8)
        return size;
    uint32_t crc = (uint32_t)crc32(0, out, held), adler = (uint32_t)adler32(1, out, held);
    adler = __builtin_bswap32(adler);
    memcpy(bytes + at - 4, gzip ? &crc : &adler, 4);
    if (gzip && left >= 4)
        memcpy(bytes + at, &held, 4);
    return size;
}

const Harness harness = { "inflate", try, repair, 1032, 1 << 20 };
