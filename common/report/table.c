#include "common/report/table.h"
#include "common/base/file.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* What is being split, and where. */
typedef struct Cursor {
    const char *path, *line_start;
    char *at;
    size_t line;
    Failure *failure;
} Cursor;

static bool refuse(const Cursor *cursor, const char *field, const char *what)
{
    return fail(cursor->failure, EX_DATAERR, "%s:%zu:%zu: %s", cursor->path, cursor->line,
                (size_t)(field - cursor->line_start) + 1, what);
}

/* Cut the next field off its line; *last: it was the line's last one. */
static char *take_field(Cursor *cursor, bool *last)
{
    char *field = cursor->at, *end = field + strcspn(field, ",\r\n");
    *last = *end != ',';
    cursor->at = end + (*end != 0);
    if (*end == '\r' && *cursor->at == '\n')
        cursor->at++;
    *end = 0;
    return field;
}

static void begin_line(Cursor *cursor)
{
    cursor->line_start = cursor->at;
    cursor->line++;
}

static bool read_header(NumberTable *table, Cursor *cursor)
{
    begin_line(cursor);
    for (bool last = false; !last;) {
        char *name = take_field(cursor, &last);
        if (!*name)
            return refuse(cursor, name, "a column without a name");
        if (table->columns == TABLE_MOST_COLUMNS)
            return refuse(cursor, name, "too many columns");
        table->names[table->columns++] = name;
    }
    return true;
}

static bool read_number(double *number, char *field, const Cursor *cursor)
{
    char *end;
    *number = *field ? strtod(field, &end) : (double)NAN;
    return !*field || (*end == 0 && end != field) || refuse(cursor, field, "not a number");
}

static bool read_row(NumberTable *table, Cursor *cursor)
{
    bool last = false;
    begin_line(cursor);
    for (size_t i = 0; i < table->columns; i++) {
        char *field;
        if (last)
            return refuse(cursor, cursor->line_start, "fewer fields than the header has");
        field = take_field(cursor, &last);
        if (!read_number(&table->column[i][table->rows], field, cursor))
            return false;
    }
    table->rows++;
    return last || refuse(cursor, cursor->line_start, "more fields than the header has");
}

/* Rows that there can be: each field but the file's last ends with a byte of its own. */
static size_t most_rows(const char *text, size_t size, size_t columns)
{
    size_t lines = 1, fitting = size / columns + 1;
    for (; *text; text++)
        lines += *text == '\n' || *text == '\r';
    return lines < fitting ? lines : fitting;
}

bool number_table_read(NumberTable *table, const char *path, Arena *arena, Failure *failure)
{
    size_t size;
    Cursor cursor = { .path = path, .failure = failure };
    *table = (NumberTable){ 0 };
    if (!file_read(path, arena, &cursor.at, &size, failure))
        return false;
    if (!read_header(table, &cursor))
        return false;
    size_t rows = most_rows(cursor.at, size, table->columns);
    for (size_t i = 0; i < table->columns; i++)
        if (!arena_array(arena, table->column[i], rows, failure))
            return false;
    while (*cursor.at)
        if (!read_row(table, &cursor))
            return false;
    return true;
}

const double *number_table_column(const NumberTable *table, const char *name)
{
    for (size_t i = 0; i < table->columns; i++)
        if (strcmp(table->names[i], name) == 0)
            return table->column[i];
    return NULL;
}
