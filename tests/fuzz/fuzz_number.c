/*
 * Numbers in text, held against the C library.
 */
#include "harness.h"

#include "common/rank/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    char text[NUMBER_MOST_BYTES + 2] = "", *end;
    double real;
    uint32_t whole;
    (void)arena;
    bool is_real = number_real((const char *)bytes, size, &real);
    bool is_whole = number_whole((const char *)bytes, size, &whole);
    if (size > NUMBER_MOST_BYTES) {
        CHECK(!is_real && !is_whole);
        return;
    }
    if (size)
        memcpy(text, bytes, size);
    double expected = strtod(text, &end);
    bool decimal = size && end == text + size && strspn(text, "0123456789.eE+-") == size;
    CHECK(is_real == (decimal && isfinite(expected)));
    CHECK(!is_real || memcmp(&real, &expected, sizeof real) == 0);
    CHECK(!is_whole || (double)whole == expected);
}

const Harness harness = { "number", try, NULL, 1, 1 << 12 };
