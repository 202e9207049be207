#include "common/data/npy.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "\x93NUMPY\x01"
#define MAGIC_BYTES ((size_t)8) // with the version's second byte
#define LENGTH_BYTES ((size_t)2)
#define MOST_HEADER_BYTES ((size_t)65535)
#define ALIGNMENT ((size_t)64) // of the data, which numpy maps

/* What follows `"name":` in a header: numpy writes keys in any order, with blanks between. */
static const char *value_of(const char *header, const char *name)
{
    const char *at = strstr(header, name);
    if (!at)
        return NULL;
    at += strlen(name);
    at += strspn(at, " ");
    if (*at != ':')
        return NULL;
    return at + 1 + strspn(at + 1, " ");
}

static bool begins(const char *text, const char *beginning)
{
    return text && strncmp(text, beginning, strlen(beginning)) == 0;
}

/* Take the shape "(N,)" of floats from a header. */
static bool parse_header(const char *header, size_t *count, const char *path, Failure *failure)
{
    char *end;
    const char *type = value_of(header, "'descr'"), *order = value_of(header, "'fortran_order'");
    const char *shape = value_of(header, "'shape'");
    if (!begins(type, "'<f4'"))
        return fail(failure, EX_DATAERR, "%s: not of type '<f4' (float32, little-endian)", path);
    if (!begins(order, "False"))
        return fail(failure, EX_DATAERR, "%s: not in C order", path);
    if (!begins(shape, "(") || shape[1] < '0' || shape[1] > '9')
        return fail(failure, EX_DATAERR, "%s: not of one axis", path);
    *count = strtoull(shape + 1, &end, 10);
    end += strspn(end, " ");
    return (end[0] == ',' && end[1 + strspn(end + 1, " ")] == ')')
        || fail(failure, EX_DATAERR, "%s: not of one axis", path);
}

static bool read_mapped(float **values, size_t *count, const MappedFile *file, const char *path,
                        Arena *arena, Arena scratch, Failure *failure)
{
    const uint8_t *bytes = file->bytes;
    size_t before = MAGIC_BYTES + LENGTH_BYTES;
    if (file->size < before || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
        return fail(failure, EX_DATAERR, "%s: not a numpy file of version 1.0", path);
    size_t length = (size_t)bytes[MAGIC_BYTES] | (size_t)bytes[MAGIC_BYTES + 1] << 8;
    if (length > file->size - before)
        return fail(failure, EX_DATAERR, "%s:%zu: the header is cut off", path, before);
    char *header = arena_copy(&scratch, bytes + before, length, failure);
    if (!header || !parse_header(header, count, path, failure))
        return false;
    size_t data = file->size - before - length;
    if (*count > data / sizeof(float) || *count * sizeof(float) != data)
        return fail(failure, EX_DATAERR, "%s:%zu: %zu bytes of data for %zu floats", path,
                    before + length, data, *count);
    if (!arena_array(arena, *values, *count, failure))
        return false;
    if (*count)
        memcpy(*values, bytes + before + length, data);
    return true;
}

bool npy_read(float **values, size_t *count, const char *path, Arena *arena, Failure *failure)
{
    MappedFile file;
    Arena scratch = { 0 };
    if (!mapped_file_open(&file, path, failure))
        return false;
    bool ok = arena_open(&scratch, 2 * MOST_HEADER_BYTES, failure)
        && read_mapped(values, count, &file, path, arena, scratch, failure);
    arena_close(&scratch);
    mapped_file_close(&file);
    return ok;
}

bool npy_write(AtomicFile *file, const float *values, size_t count, Failure *failure)
{
    char header[256];
    int length = snprintf(header, sizeof header,
                          "{'descr': '<f4', 'fortran_order': False, 'shape': (%zu,), }", count);
    size_t before = MAGIC_BYTES + LENGTH_BYTES;
    size_t size = (before + (size_t)length + 1 + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT - before;
    memset(header + length, ' ', size - (size_t)length);
    header[size - 1] = '\n';
    uint8_t size_bytes[LENGTH_BYTES] = { (uint8_t)size, (uint8_t)(size >> 8) };
    return atomic_file_write(file, MAGIC, MAGIC_BYTES, failure)
        && atomic_file_write(file, size_bytes, LENGTH_BYTES, failure)
        && atomic_file_write(file, header, size, failure)
        && atomic_file_write(file, values, count * sizeof *values, failure);
}
