#include "common/report/text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define FIRST_CAPACITY ((size_t)1 << 12)

static bool grow(Text *text, size_t capacity)
{
    char *bytes;
    if (!arena_array(text->arena, bytes, capacity, &text->failure))
        return false;
    if (text->size)
        memcpy(bytes, text->bytes, text->size);
    text->bytes = bytes;
    text->capacity = capacity;
    return true;
}

/* Room for `count` more bytes and the zero byte after them. */
static bool reserve(Text *text, size_t count)
{
    size_t capacity = text->capacity;
    if (text->failure.code)
        return false;
    while (capacity - text->size <= count)
        capacity *= 2;
    return capacity == text->capacity || grow(text, capacity);
}

Text text_begin(Arena *arena)
{
    static char nothing[1];
    Text text = { .bytes = nothing, .arena = arena };
    grow(&text, FIRST_CAPACITY);
    return text;
}

void text_bytes(Text *text, const char *bytes, size_t count)
{
    if (!reserve(text, count))
        return;
    memcpy(text->bytes + text->size, bytes, count);
    text->size += count;
    text->bytes[text->size] = 0;
}

void text_add(Text *text, const char *format, ...)
{
    va_list arguments, again;
    va_start(arguments, format);
    va_copy(again, arguments);
    int length = vsnprintf(NULL, 0, format, arguments);
    if (length > 0 && reserve(text, (size_t)length))
        text->size +=
            (size_t)vsnprintf(text->bytes + text->size, (size_t)length + 1, format, again);
    va_end(again);
    va_end(arguments);
}

typedef const char *StandsFor(char c);

/* Append words; where a character is in `special`, what stands for it instead. */
static void escape(Text *text, const char *words, const char *special, StandsFor *stands_for)
{
    for (; *words; words++) {
        unsigned char c = (unsigned char)*words;
        if (c < ' ' || c == 127)
            text_bytes(text, " ", 1);
        else if (strchr(special, c))
            text_add(text, "%s", stands_for((char)c));
        else
            text_bytes(text, words, 1);
    }
}

static const char *html_of(char c)
{
    switch (c) {
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '&':
        return "&amp;";
    case '"':
        return "&quot;";
    default:
        return "&#39;";
    }
}

void text_html(Text *text, const char *words)
{
    escape(text, words, "<>&\"'", html_of);
}

/* As entities: Markdown takes them everywhere, and a cell of a table needs its bars so. */
static const char *markdown_of(char c)
{
    switch (c) {
    case '\\':
        return "&#92;";
    case '`':
        return "&#96;";
    case '*':
        return "&#42;";
    case '_':
        return "&#95;";
    case '[':
        return "&#91;";
    case ']':
        return "&#93;";
    case '|':
        return "&#124;";
    case '#':
        return "&#35;";
    case '~':
        return "&#126;";
    default:
        return html_of(c);
    }
}

void text_markdown(Text *text, const char *words)
{
    escape(text, words, "<>&\\`*_[]|#~", markdown_of);
}

static const char *gnuplot_of(char c)
{
    (void)c;
    return "''"; // a quote within single quotes; nothing else is special there
}

void text_gnuplot(Text *text, const char *words)
{
    escape(text, words, "'", gnuplot_of);
}

bool text_finish(const Text *text, Failure *failure)
{
    return text->failure.code == EX_OK
        || fail(failure, text->failure.code, "%s", text->failure.message);
}
