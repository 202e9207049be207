#include "common/audit/difference.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define BEFORE ((size_t)16) // characters that are shown before the first that differs

static void add(Difference *difference, const char *format, va_list arguments)
{
    size_t length = strlen(difference->text);
    vsnprintf(difference->text + length, sizeof difference->text - length, format, arguments);
}

void differ(Difference *difference, const char *format, ...)
{
    va_list arguments;
    if (difference->found)
        return;
    difference->found = true;
    difference->text[0] = 0;
    va_start(arguments, format);
    add(difference, format, arguments);
    va_end(arguments);
}

void differ_also(Difference *difference, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    add(difference, format, arguments);
    va_end(arguments);
}

Excerpt excerpt_of(const void *bytes, size_t size)
{
    static const char cut[] = "...";
    Excerpt excerpt;
    size_t most = sizeof excerpt.text - sizeof cut, length = size < most ? size : most;
    for (size_t i = 0; i < length; i++) {
        unsigned char byte = ((const unsigned char *)bytes)[i];
        excerpt.text[i] = byte < ' ' || byte == 127 ? '?' : (char)byte;
    }
    memcpy(excerpt.text + length, length < size ? cut : "", length < size ? sizeof cut : 1);
    return excerpt;
}

Excerpt excerpt_of_text(const char *text)
{
    return excerpt_of(text, strlen(text));
}

ExcerptPair excerpts_of_texts(const char *a, const char *b)
{
    size_t same = 0;
    if (!a || !b)
        return (ExcerptPair){ { excerpt_of_text(a ? a : "nothing"),
                                excerpt_of_text(b ? b : "nothing") } };
    while (a[same] && a[same] == b[same])
        same++;
    size_t begin = same > sizeof(Excerpt) / 2 ? same - BEFORE : 0;
    return (ExcerptPair){ { excerpt_of_text(a + begin), excerpt_of_text(b + begin) } };
}

size_t first_different_byte(const FilePair *pair)
{
    const MappedFile *a = &pair->file[0], *b = &pair->file[1];
    size_t shorter = a->size < b->size ? a->size : b->size, i = 0;
    while (i < shorter && a->bytes[i] == b->bytes[i])
        i++;
    return i;
}

size_t line_of_byte(const MappedFile *file, size_t byte)
{
    size_t line = 1;
    for (size_t i = 0; i < byte; i++)
        line += file->bytes[i] == '\n';
    return line;
}

bool compare_bytes(Difference *difference, const FilePair *pair, Arena scratch, Failure *failure)
{
    (void)scratch;
    (void)failure;
    const MappedFile *a = &pair->file[0], *b = &pair->file[1];
    size_t at = first_different_byte(pair);
    if (at < a->size && at < b->size)
        differ(difference, "byte %zu: 0x%02x and 0x%02x; %zu and %zu bytes in all", at,
               a->bytes[at], b->bytes[at], a->size, b->size);
    else if (a->size != b->size)
        differ(difference, "%s ends at byte %zu, where the other goes on to %zu",
               pair->path[a->size > b->size], at, a->size > b->size ? a->size : b->size);
    return true;
}
