#include "common/report/page.h"
#include "common/base/file.h"

#include <string.h>

typedef struct Reader {
    Page *page;
    const char *path;
    size_t line;
    Failure *failure;
} Reader;

static bool refuse(const Reader *reader, const char *what, const char *word)
{
    return fail(reader->failure, EX_DATAERR, "%s:%zu: %s \"%s\"", reader->path, reader->line, what,
                word);
}

/* Cut blanks off both ends. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    for (char *end = text + strlen(text); end > text && strchr(" \t\r", end[-1]); end--)
        end[-1] = 0;
    return text;
}

static bool begin_row(Reader *reader, char *line)
{
    Page *page = reader->page;
    char *end = strchr(line, ']'), *name = line + 1;
    if (!end || end[1] || end == name)
        return refuse(reader, "a row is [NAME], not", line);
    *end = 0;
    for (size_t i = 0; i < page->count; i++)
        if (strcmp(page->rows[i].name, name) == 0)
            return refuse(reader, "a second row", name);
    if (page->count == PAGE_MOST_ROWS)
        return refuse(reader, "no more rows from", name);
    page->rows[page->count++] = (PageRow){ .name = name };
    return true;
}

/* The field of that name: of the page before its first row, then of the row. */
static const char **field_of(Page *page, const char *name)
{
    if (page->count == 0)
        return strcmp(name, "title") == 0 ? &page->title
            : strcmp(name, "intro") == 0  ? &page->intro
                                          : NULL;
    PageRow *row = &page->rows[page->count - 1];
    return strcmp(name, "label") == 0    ? &row->label
        : strcmp(name, "published") == 0 ? &row->published
                                         : NULL;
}

static bool set_field(Reader *reader, char *line)
{
    char *equals = strchr(line, '=');
    if (!equals)
        return refuse(reader, "a line is NAME = WORDS or [NAME], not", line);
    *equals = 0;
    const char *name = trim(line), **field = field_of(reader->page, name);
    if (!field)
        return refuse(reader, reader->page->count ? "a row has no field" : "a page has no field",
                      name);
    if (*field)
        return refuse(reader, "said twice:", name);
    *field = trim(equals + 1);
    return true;
}

bool page_read(Page *page, const char *path, Arena *arena, Failure *failure)
{
    char *text, *line;
    size_t size;
    Reader reader = { page, path, 0, failure };
    *page = (Page){ 0 };
    if (!file_read(path, arena, &text, &size, failure)
        || !arena_array(arena, page->rows, PAGE_MOST_ROWS, failure))
        return false;
    while ((line = strsep(&text, "\n"))) {
        reader.line++;
        line = trim(line);
        if (*line == 0 || *line == '#')
            continue;
        if (!(*line == '[' ? begin_row(&reader, line) : set_field(&reader, line)))
            return false;
    }
    for (size_t i = 0; i < page->count; i++)
        if (!page->rows[i].label)
            page->rows[i].label = page->rows[i].name;
    return true;
}
