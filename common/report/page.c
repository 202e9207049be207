#include "common/report/page.h"
#include "common/base/file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Fields of a claim, in the order of their names. */
enum { TEXT, BETTER, WORSE, NO_WORSE, ROW, BETWEEN, PART, CONTROL, CLAIM_FIELDS };
static const char *const claim_fields[CLAIM_FIELDS] = { "text", "better",  "worse", "no-worse-than",
                                                        "row",  "between", "part",  "control" };
enum { LABEL, PUBLISHED, CONTROL_OF, GROUP, TABLE, ROW_FIELDS };
static const char *const row_fields[ROW_FIELDS] = { "label", "published", "control-of", "group",
                                                    "table" };
enum { TITLE, INTRO, PAGE_FIELDS };
static const char *const page_fields[PAGE_FIELDS] = { "title", "intro" };

/* What stands under a heading. */
typedef struct Section {
    const char *name;
    size_t line;
    PageField field[CLAIM_FIELDS]; // the longest of the lists
} Section;

/* The sections of one kind, and the names of their fields. */
typedef struct Sections {
    Section *list;
    size_t count, most;
    const char *what, *const *names;
    size_t fields;
} Sections;

typedef struct Reader {
    Page *page;
    const char *path;
    size_t line;
    Failure *failure;
    Sections head, rows, claims;
    Sections *at; // that of the line
} Reader;

static bool refuse_line(const Reader *reader, size_t line, const char *what, const char *word)
{
    return fail(reader->failure, EX_DATAERR, "%s:%zu: %s \"%s\"", reader->path, line, what, word);
}

static bool refuse(const Reader *reader, const char *what, const char *word)
{
    return refuse_line(reader, reader->line, what, word);
}

/* Cut blanks off both ends. */
static char *trim(char *text)
{
    text += strspn(text, " \t");
    for (char *end = text + strlen(text); end > text && strchr(" \t\r", end[-1]); end--)
        end[-1] = 0;
    return text;
}

static bool begin_section(Reader *reader, char *line)
{
    static const char claim[] = "claim ";
    char *end = strchr(line, ']'), *name = line + 1;
    if (!end || end[1] || end == name)
        return refuse(reader, "a row is [NAME], not", line);
    *end = 0;
    bool is_claim = strncmp(name, claim, sizeof claim - 1) == 0;
    Sections *sections = is_claim ? &reader->claims : &reader->rows;
    name += is_claim ? sizeof claim - 1 : 0;
    for (size_t i = 0; i < sections->count; i++)
        if (strcmp(sections->list[i].name, name) == 0)
            return refuse(reader, is_claim ? "a second claim" : "a second row", name);
    if (sections->count == sections->most)
        return refuse(reader, "no more rows or claims from", name);
    sections->list[sections->count++] = (Section){ .name = name, .line = reader->line };
    reader->at = sections;
    return true;
}

static bool set_field(Reader *reader, char *line)
{
    char message[64], *equals = strchr(line, '=');
    Sections *at = reader->at;
    size_t which = 0;
    if (!equals)
        return refuse(reader, "a line is NAME = WORDS or [NAME], not", line);
    *equals = 0;
    const char *name = trim(line);
    while (which < at->fields && strcmp(at->names[which], name) != 0)
        which++;
    snprintf(message, sizeof message, "a %s has no field", at->what);
    if (which == at->fields)
        return refuse(reader, message, name);
    PageField *field = &at->list[at->count - 1].field[which];
    if (field->words)
        return refuse(reader, "said twice:", name);
    *field = (PageField){ trim(equals + 1), reader->line };
    return true;
}

static size_t find_row(const Page *page, const char *name, size_t length)
{
    for (size_t i = 0; i < page->count; i++)
        if (strlen(page->rows[i].name) == length && memcmp(page->rows[i].name, name, length) == 0)
            return i;
    return PAGE_NO_ROW;
}

static bool take_row(const Reader *reader, const PageField *field, size_t *row)
{
    *row = field->words ? find_row(reader->page, field->words, strlen(field->words)) : PAGE_NO_ROW;
    return !field->words || *row != PAGE_NO_ROW
        || refuse_line(reader, field->line, "the page has no row", field->words);
}

static bool take_rows(Reader *reader)
{
    Page *page = reader->page;
    size_t of;
    for (size_t i = 0; i < reader->rows.count; i++) {
        const Section *from = &reader->rows.list[i];
        const char *label = from->field[LABEL].words;
        page->rows[page->count++] = (PageRow){ .name = from->name,
                                               .label = label ? label : from->name,
                                               .published = from->field[PUBLISHED].words,
                                               .control_of = from->field[CONTROL_OF].words,
                                               .group = from->field[GROUP].words,
                                               .table = from->field[TABLE].words };
    }
    for (size_t i = 0; i < reader->rows.count; i++)
        if (!take_row(reader, &reader->rows.list[i].field[CONTROL_OF], &of))
            return false;
    return true;
}

/* The rows of which the best is held against: names between blanks. */
static bool take_worse(const Reader *reader, PageClaim *claim, const PageField *field)
{
    const char *at = field->words;
    for (; at && *at; at += strspn(at, " \t")) {
        size_t length = strcspn(at, " \t"), row = find_row(reader->page, at, length);
        if (row == PAGE_NO_ROW)
            return refuse_line(reader, field->line, "the page lacks one of the rows", field->words);
        if (claim->worse_count == CLAIM_MOST_WORSE)
            return refuse_line(reader, field->line, "too many rows:", field->words);
        claim->worse[claim->worse_count++] = row;
        at += length;
    }
    return true;
}

static bool take_range(const Reader *reader, PageClaim *claim, const PageField *field)
{
    char *end, *last;
    claim->low = strtod(field->words, &end);
    claim->high = strtod(end, &last);
    return (end != field->words && last != end && *last == 0 && claim->low < claim->high)
        || refuse_line(reader, field->line, "a range is LOW HIGH, not", field->words);
}

static bool take_part(const Reader *reader, PageClaim *claim, const PageField *field)
{
    claim->metric = METRICS;
    if (!field->words)
        return true;
    claim->metric = strcmp(field->words, "public") == 0 ? METRIC_MAP_PUBLIC
        : strcmp(field->words, "private") == 0          ? METRIC_MAP_PRIVATE
                                                        : METRICS;
    return claim->metric != METRICS
        || refuse_line(reader, field->line, "a part is public or private, not", field->words);
}

static bool take_claim(const Reader *reader, PageClaim *claim, const Section *from)
{
    const PageField *field = from->field;
    bool no_worse = field[NO_WORSE].words != NULL;
    const PageField *other = &field[no_worse ? NO_WORSE : WORSE];
    bool range = field[ROW].words && field[BETWEEN].words && !field[BETTER].words && !other->words
        && !field[CONTROL].words;
    bool difference = field[BETTER].words && other->words && *other->words && !field[ROW].words
        && !field[BETWEEN].words && !(no_worse && field[WORSE].words);
    *claim = (PageClaim){ .name = from->name, .text = field[TEXT].words, .no_worse = no_worse };
    if (!claim->text)
        return refuse_line(reader, from->line, "no text in claim", from->name);
    if (range == difference)
        return refuse_line(reader, from->line,
                           "give better and worse (or no-worse-than), or row and between, in "
                           "claim",
                           from->name);
    return take_row(reader, &field[range ? ROW : BETTER], &claim->better)
        && take_worse(reader, claim, other)
        && (!range || take_range(reader, claim, &field[BETWEEN]))
        && take_part(reader, claim, &field[PART])
        && take_row(reader, &field[CONTROL], &claim->control);
}

static bool take_sections(Reader *reader)
{
    Page *page = reader->page;
    page->title = reader->head.list[0].field[TITLE].words;
    page->intro = reader->head.list[0].field[INTRO].words;
    if (!take_rows(reader))
        return false;
    for (size_t i = 0; i < reader->claims.count; i++)
        if (!take_claim(reader, &page->claims[page->claim_count++], &reader->claims.list[i]))
            return false;
    return true;
}

static bool reserve(Reader *reader, Arena *arena, Failure *failure)
{
    reader->head = (Sections){ NULL, 1, 1, "page", page_fields, PAGE_FIELDS };
    reader->rows = (Sections){ NULL, 0, PAGE_MOST_ROWS, "row", row_fields, ROW_FIELDS };
    reader->claims = (Sections){ NULL, 0, PAGE_MOST_CLAIMS, "claim", claim_fields, CLAIM_FIELDS };
    reader->at = &reader->head;
    return arena_array(arena, reader->page->rows, PAGE_MOST_ROWS, failure)
        && arena_array(arena, reader->page->claims, PAGE_MOST_CLAIMS, failure)
        && arena_array(arena, reader->head.list, 1, failure)
        && arena_array(arena, reader->rows.list, PAGE_MOST_ROWS, failure)
        && arena_array(arena, reader->claims.list, PAGE_MOST_CLAIMS, failure);
}

bool page_read(Page *page, const char *path, Arena *arena, Failure *failure)
{
    char *text, *line;
    size_t size;
    Reader reader = { .page = page, .path = path, .failure = failure };
    *page = (Page){ 0 };
    if (!file_read(path, arena, &text, &size, failure) || !reserve(&reader, arena, failure))
        return false;
    while ((line = strsep(&text, "\n"))) {
        reader.line++;
        line = trim(line);
        if (*line == 0 || *line == '#')
            continue;
        if (!(*line == '[' ? begin_section(&reader, line) : set_field(&reader, line)))
            return false;
    }
    return take_sections(&reader);
}
