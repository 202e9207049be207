#include "common/audit/difference.h"

#include <string.h>

#define BEFORE ((size_t)16) // characters that are shown of a line before the first that differs

/* A line, without its newline. */
typedef struct Line {
    const char *text;
    size_t length;
} Line;

static Line line_from(const MappedFile *file, size_t begin)
{
    const char *text = (const char *)file->bytes + begin;
    const char *end = begin < file->size ? memchr(text, '\n', file->size - begin) : text;
    return (Line){ text, end ? (size_t)(end - text) : file->size - begin };
}

/* Fields of a line of CSV that end before a column; commas in quotes end none. */
static size_t field_of_column(Line line, size_t column)
{
    size_t field = 0;
    bool quoted = false;
    for (size_t i = 0; i < column && i < line.length; i++) {
        quoted ^= line.text[i] == '"';
        field += line.text[i] == ',' && !quoted;
    }
    return field;
}

/* The name that the first line gives to a field; empty where it has none. */
static Excerpt field_name(Line header, size_t field)
{
    size_t begin = 0;
    for (; field > 0 && begin < header.length; begin++)
        field -= header.text[begin] == ',';
    size_t end = begin;
    while (end < header.length && header.text[end] != ',')
        end++;
    return excerpt_of(header.text + begin, end - begin);
}

static bool is_csv(const char *path)
{
    size_t length = strlen(path);
    return length > 4 && strcmp(path + length - 4, ".csv") == 0;
}

/* The line around a column, or that the file has ended. */
static Excerpt around(Line line, size_t column)
{
    size_t begin = column > BEFORE ? column - BEFORE : 0;
    return excerpt_of(line.text + begin, line.length - begin);
}

bool compare_lines(Difference *difference, const FilePair *pair, Arena scratch, Failure *failure)
{
    (void)scratch;
    (void)failure;
    const MappedFile *a = &pair->file[0], *b = &pair->file[1];
    size_t at = first_different_byte(pair), begin = at;
    if (at == a->size && at == b->size)
        return true;
    while (begin > 0 && a->bytes[begin - 1] != '\n')
        begin--;
    Line ours = line_from(a, begin), theirs = line_from(b, begin);
    differ(difference, "line %zu", line_of_byte(a, at));
    if (is_csv(pair->path[0]) && begin > 0) {
        size_t field = field_of_column(ours, at - begin);
        differ_also(difference, ", field %zu (%s)", field + 1,
                    field_name(line_from(a, 0), field).text);
    }
    differ_also(difference, ": \"%s\"%s and \"%s\"%s", around(ours, at - begin).text,
                at == a->size ? " (the end)" : "", around(theirs, at - begin).text,
                at == b->size ? " (the end)" : "");
    return true;
}
