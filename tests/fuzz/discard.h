/*
 * A stream whose bytes are looked at and dropped, opened once.
 */
#ifndef PODIUM_TESTS_FUZZ_DISCARD_H
#define PODIUM_TESTS_FUZZ_DISCARD_H

#include "harness.h"

#include <stdio.h>

static ssize_t discard_bytes(void *cookie, const char *bytes, size_t size)
{
    (void)cookie;
    touch(bytes, size);
    return (ssize_t)size;
}

static inline FILE *discard(void)
{
    static FILE *stream;
    if (!stream)
        stream = fopencookie(NULL, "w", (cookie_io_functions_t){ .write = discard_bytes });
    CHECK(stream);
    return stream;
}

#endif
