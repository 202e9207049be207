/*
 * Text: a document that grows in an arena, with the escapes of HTML, Markdown and gnuplot.
 *
 * It keeps its first failure, so that a writer reads as its document; whoever finishes it asks
 * text_finish once.
 */
#ifndef PODIUM_REPORT_TEXT_H
#define PODIUM_REPORT_TEXT_H

#include "common/base/arena.h"

typedef struct Text {
    char *bytes; // always with a zero byte after the last
    size_t size, capacity;
    Arena *arena;
    Failure failure;
} Text;

/* An empty document that lives in the arena; its memory is at most four times its size. */
Text text_begin(Arena *arena);

/* Append text formatted as printf does, as it is. */
void text_add(Text *text, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Append bytes as they are. */
void text_bytes(Text *text, const char *bytes, size_t count);

/* Append words that are to be read, not interpreted. Control characters become blanks. */
void text_html(Text *text, const char *words);     // within elements and quoted attributes
void text_markdown(Text *text, const char *words); // within a line or a cell of a table
void text_gnuplot(Text *text, const char *words);  // within 'single quotes', without markup

/* Whether all of it is there. EX_OSERR: the arena is full. */
bool text_finish(const Text *text, Failure *failure);

#endif
