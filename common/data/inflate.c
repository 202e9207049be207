#include "common/data/inflate.h"

#include <limits.h>
#include <sys/mman.h>
#include <unistd.h>
#include <zlib.h>

#define MOST_RATIO ((size_t)1032)     // zlib: technical details, "maximum compression factor"
#define ANY_HEADER (MAX_WBITS + 32)   // zlib reads both containers
#define LEAST_BYTES ((size_t)1 << 16) // room for streams so short that the ratio says nothing

/* A region whose pages are taken as they are written. */
typedef struct Region {
    uint8_t *bytes;
    size_t size, used;
} Region;

static size_t page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

static size_t up_to_pages(size_t size)
{
    return (size + page_bytes() - 1) & ~(page_bytes() - 1);
}

static size_t most_bytes(size_t compressed)
{
    size_t most, memory = (size_t)sysconf(_SC_PHYS_PAGES) / 2 * page_bytes();
    if (__builtin_mul_overflow(compressed, MOST_RATIO, &most)
        || __builtin_add_overflow(most, LEAST_BYTES, &most))
        most = memory;
    return most < memory ? most : memory;
}

static bool reserve(Region *region, size_t compressed, const char *path, Failure *failure)
{
    size_t size = up_to_pages(most_bytes(compressed));
    void *bytes = mmap(NULL, size, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED)
        return fail_errno(failure, EX_OSERR, "%s: %zu MiB to inflate it can't be had", path,
                          size >> 20);
    *region = (Region){ bytes, size, 0 };
    return true;
}

/* Give back all pages behind the used part; the whole region where nothing is used. */
static void trim(Region *region)
{
    size_t kept = up_to_pages(region->used);
    if (kept < region->size)
        munmap(region->bytes + kept, region->size - kept);
    if (kept == 0)
        region->bytes = NULL;
    region->size = kept;
}

/* zlib counts in unsigned int: hand it at most this much at once. */
static unsigned piece(size_t left)
{
    return left < UINT_MAX ? (unsigned)left : UINT_MAX;
}

/* One call of zlib, over what is left of both sides. */
static int step(z_stream *stream, Region *region, const uint8_t *bytes, size_t count, size_t *read)
{
    unsigned in = piece(count - *read), out = piece(region->size - region->used);
    stream->next_in = (Bytef *)bytes + *read;
    stream->avail_in = in;
    stream->next_out = region->bytes + region->used;
    stream->avail_out = out;
    int code = inflate(stream, Z_NO_FLUSH);
    *read += in - stream->avail_in;
    region->used += out - stream->avail_out;
    return code;
}

static bool explain(const Region *region, int code, size_t read, const char *path, const char *what,
                    Failure *failure)
{
    if (code == Z_MEM_ERROR)
        return fail(failure, EX_OSERR, "%s: out of memory", path);
    if (code == Z_BUF_ERROR && region->used == region->size)
        return fail(
            failure, EX_OSERR,
            "%s:%zu: inflates to more than %zu MiB, half of the memory; decompress it first", path,
            read, region->size >> 20);
    if (code == Z_BUF_ERROR)
        return fail(failure, EX_DATAERR,
                    "%s:%zu: the compressed stream is cut off; download it again", path, read);
    return fail(failure, EX_DATAERR,
                "%s:%zu: the compressed stream is damaged (%s); download it again", path, read,
                what ? what : "no such stream");
}

static bool inflate_into(Region *region, z_stream *stream, const char *path, const uint8_t *bytes,
                         size_t count, Failure *failure)
{
    size_t read = 0;
    for (;;) {
        int code = step(stream, region, bytes, count, &read);
        if (code == Z_STREAM_END && read == count)
            return true;
        if (code == Z_STREAM_END)
            code = inflateReset(stream); // another member follows
        if (code != Z_OK)
            return explain(region, code, read, path, stream->msg, failure);
    }
}

bool inflate_all(uint8_t **inflated, size_t *size, const char *path, const uint8_t *bytes,
                 size_t byte_count, Failure *failure)
{
    Region region = { 0 };
    z_stream stream = { 0 };
    *inflated = NULL;
    *size = 0;
    if (inflateInit2(&stream, ANY_HEADER) != Z_OK)
        return fail(failure, EX_OSERR, "%s: out of memory", path);
    bool reserved = reserve(&region, byte_count, path, failure);
    bool ok = reserved && inflate_into(&region, &stream, path, bytes, byte_count, failure);
    inflateEnd(&stream);
    if (reserved && !ok)
        region.used = 0;
    if (reserved)
        trim(&region);
    if (ok) {
        *inflated = region.bytes;
        *size = region.used;
    }
    return ok;
}

void inflate_release(uint8_t *inflated, size_t size)
{
    if (inflated)
        munmap(inflated, up_to_pages(size));
}
