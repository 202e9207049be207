#include "common/data/inspect.h"
#include "common/base/json_text.h"
#include "common/data/readahead.h"

#include <csv.h>
#include <inttypes.h>
#include <jansson.h>
#include <string.h>

#define FIRST_ROWS 5                  // of a CSV, where no range was asked for
#define LONGEST_FIELD 80              // printed of a field: a submission's are megabytes long
#define PIECE_BYTES ((size_t)1 << 20) // parsed at once

bool inspect_json(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure)
{
    MappedFile file;
    json_error_t error;
    (void)range;
    (void)scratch;
    if (!mapped_file_open(&file, path, failure))
        return false;
    json_t *root = json_loadb((const char *)file.bytes, file.size, JSON_ALLOW_NUL, &error);
    mapped_file_close(&file);
    if (!root)
        return fail(failure, EX_DATAERR, "%s:%d:%d: %s; not JSON", path, error.line, error.column,
                    error.text);
    json_dumpf(root, to, JSON_INDENT(2) | JSON_ENCODE_ANY);
    json_decref(root);
    putc('\n', to);
    return inspect_goes_on(to, failure);
}

/* A CSV being printed: the header is row 0 of the file and no row of the table. */
typedef struct Table {
    FILE *to;
    InspectRange range;
    uint64_t rows; // whole lines so far, the header included
    size_t fields; // of this line so far
    bool printed;  // a row of the table
} Table;

static bool shows(const Table *table)
{
    return table->rows == 0
        || (table->rows > table->range.first && table->rows <= table->range.end);
}

static void take_field(void *bytes, size_t size, void *context)
{
    Table *table = context;
    if (shows(table)) {
        if (table->rows > 0 && table->fields == 0)
            fputs(table->printed ? ",\n  [" : "\n  [", table->to);
        if (table->fields > 0)
            putc(',', table->to);
        json_text_string(table->to, bytes, size < LONGEST_FIELD ? size : LONGEST_FIELD);
    }
    table->fields++;
}

static void take_line(int character, void *context)
{
    Table *table = context;
    (void)character;
    if (table->rows == 0)
        fputs("],\n \"first\":[", table->to);
    else if (shows(table)) {
        putc(']', table->to);
        table->printed = true;
    }
    table->rows++;
    table->fields = 0;
}

static bool parse_table(struct csv_parser *parser, Table *table, const MappedFile *file,
                        const char *path, Failure *failure)
{
    Readahead readahead = { 0 };
    fputs("{\"columns\":[", table->to);
    for (size_t at = 0; at < file->size; at += PIECE_BYTES) {
        readahead_advance(&readahead, file, path, at);
        size_t left = file->size - at, part = left < PIECE_BYTES ? left : PIECE_BYTES;
        if (csv_parse(parser, file->bytes + at, part, take_field, take_line, table) != part)
            return fail(failure, EX_DATAERR, "%s:%" PRIu64 ": %s; not CSV", path, table->rows + 1,
                        csv_strerror(csv_error(parser)));
        if (!inspect_goes_on(table->to, failure))
            return false;
    }
    csv_fini(parser, take_field, take_line, table);
    if (table->rows == 0)
        take_line(0, table);
    fprintf(table->to, "],\n \"rows\":%" PRIu64 "}\n", table->rows - 1);
    return true;
}

bool inspect_csv(const char *path, InspectRange range, FILE *to, Arena scratch, Failure *failure)
{
    MappedFile file;
    struct csv_parser parser;
    (void)scratch;
    Table table = { .to = to, .range = range };
    if (!range.given)
        table.range = (InspectRange){ 0, FIRST_ROWS, true };
    if (!mapped_file_open(&file, path, failure))
        return false;
    bool ok = csv_init(&parser, 0) == 0 || fail(failure, EX_OSERR, "%s: out of memory", path);
    ok = ok && parse_table(&parser, &table, &file, path, failure);
    csv_free(&parser);
    mapped_file_close(&file);
    return ok;
}
