#include "common/base/json_text.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd" // U+FFFD

/* How many bytes of UTF-8 stand here (RFC 3629, section 4); 0 where it is not UTF-8. */
static size_t sequence(const uint8_t *at, size_t left)
{
    uint8_t lead = at[0], low = 0x80, high = 0xbf;
    size_t size = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    if (size == 0 || lead > 0xf4 || size > left)
        return 0;
    if (lead == 0xe0)
        low = 0xa0; // not longer than it needs to be
    else if (lead == 0xed)
        high = 0x9f; // not a surrogate
    else if (lead == 0xf0)
        low = 0x90;
    else if (lead == 0xf4)
        high = 0x8f; // not above U+10FFFF
    for (size_t i = 1; i < size; i++, low = 0x80, high = 0xbf)
        if (at[i] < low || at[i] > high)
            return 0;
    return size;
}

/* A character below 0x80, escaped where JSON asks for it. */
static void put_ascii(FILE *to, uint8_t character)
{
    static const char names[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
    const char *name = character ? strchr(names, character) : NULL;
    if (name)
        fprintf(to, "\\%c", letters[name - names]);
    else if (character < 0x20)
        fprintf(to, "\\u%04x", character);
    else
        putc(character, to);
}

void json_text_string(FILE *to, const void *bytes, size_t size)
{
    const uint8_t *at = bytes;
    putc('"', to);
    while (size > 0) {
        size_t step = sequence(at, size);
        if (step == 1)
            put_ascii(to, *at);
        else if (step == 0)
            fputs(REPLACEMENT, to);
        else
            fwrite(at, 1, step, to);
        at += step ? step : 1;
        size -= step ? step : 1;
    }
    putc('"', to);
}

/* Print a finite number; one that looks whole still shows that it is not an integer. */
static void put_number(FILE *to, const char *text)
{
    fprintf(to, "%s%s", text, strpbrk(text, ".e") ? "" : ".0");
}

void json_text_float(FILE *to, float value)
{
    char text[32];
    int digits = 6; // always enough for a decimal of as many; 9 are for any float
    do
        snprintf(text, sizeof text, "%.*g", digits, (double)value);
    while (strtof(text, NULL) != value && digits++ < 9);
    if (isfinite(value))
        put_number(to, text);
    else
        fputs("null", to);
}

void json_text_double(FILE *to, double value)
{
    char text[40];
    int digits = 15; // as above; 17 are for any double
    do
        snprintf(text, sizeof text, "%.*g", digits, value);
    while (strtod(text, NULL) != value && digits++ < 17);
    if (isfinite(value))
        put_number(to, text);
    else
        fputs("null", to);
}
