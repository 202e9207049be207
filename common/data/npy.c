#include "common/data/npy.h"
#include "common/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MAGIC "\x93NUMPY"
#define MAGIC_BYTES ((size_t)6)
#define MOST_HEADER ((size_t)65536)

/* The header's text and where the numbers begin; NULL: it is none. */
static const char *header_of(const MappedFile *file, size_t *length, size_t *data)
{
    const uint8_t *bytes = file->bytes;
    size_t size_bytes;
    if (file->size < MAGIC_BYTES + 4 || memcmp(bytes, MAGIC, MAGIC_BYTES) != 0)
        return NULL;
    size_bytes = bytes[MAGIC_BYTES] == 1 ? 2 : bytes[MAGIC_BYTES] == 2 ? 4 : 0;
    if (size_bytes == 0 || file->size < MAGIC_BYTES + 2 + size_bytes)
        return NULL;
    *length = 0;
    for (size_t i = size_bytes; i-- > 0;)
        *length = *length << 8 | bytes[MAGIC_BYTES + 2 + i];
    *data = MAGIC_BYTES + 2 + size_bytes + *length;
    if (*length > MOST_HEADER || *data > file->size)
        return NULL;
    return (const char *)bytes + MAGIC_BYTES + 2 + size_bytes;
}

/* The n of "'shape': (n,)", of a header that says vectors of '<f4'. */
static bool count_of(const char *header, size_t *count)
{
    const char *shape = strstr(header, "'shape': (");
    char *end = NULL;
    if (!strstr(header, "'descr': '<f4'") || !shape)
        return false;
    *count = strtoull(shape + strlen("'shape': ("), &end, 10);
    return end != shape + strlen("'shape': (") && strncmp(end, ",)", 2) == 0;
}

static bool read_vector(const float **values, size_t *count, const MappedFile *file,
                        const char *path, Arena *arena, Failure *failure)
{
    size_t length, data;
    const char *header = header_of(file, &length, &data);
    char *text = header ? arena_format(arena, failure, "%.*s", (int)length, header) : NULL;
    float *copy;
    if (!text || !count_of(text, count))
        return fail(failure, EX_DATAERR, "%s: not a vector of 32-bit floats as numpy saves it",
                    path);
    if (*count > (file->size - data) / sizeof(float))
        return fail(failure, EX_DATAERR, "%s: it ends before its %zu numbers do; copy it again",
                    path, *count);
    if (!arena_array(arena, copy, *count, failure))
        return false;
    memcpy(copy, file->bytes + data, *count * sizeof *copy);
    *values = copy;
    return true;
}

bool npy_read_floats(const float **values, size_t *count, const char *path, Arena *arena,
                     Failure *failure)
{
    MappedFile file;
    if (!mapped_file_open(&file, path, failure))
        return false;
    bool ok = read_vector(values, count, &file, path, arena, failure);
    mapped_file_close(&file);
    return ok;
}
