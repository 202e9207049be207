#include "common/rank/csv_reader.h"

#include <assert.h>
#include <limits.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SCAN_BYTES ((size_t)256)  // looked at between two branches
#define SCAN_AHEAD ((size_t)2048) // the CPU itself fetches nothing across a page's end
#define CACHE_LINE ((size_t)64)
#define LARGEST_PAGE ((size_t)1 << 16) // offsets that are multiples of it begin a page anywhere
#define PARSER_BLOCK_BYTES ((size_t)1 << 16) // libcsv's own 128 make a long field quadratic

/* What a line has, found in one pass. */
typedef struct Line {
    const char *stop; // its newline or carriage return, or the file's end
    size_t commas;
    bool quoted; // somewhere
} Line;

/* 0 for a byte that means something: as a number, of which vector instructions find the least. */
static inline unsigned char off_mark(char text)
{
    unsigned char byte = (unsigned char)text;
    unsigned char comma = byte ^ ',', newline = byte ^ '\n', carriage = byte ^ '\r',
                  quote = byte ^ '"';
    unsigned char separator = comma < newline ? comma : newline,
                  other = carriage < quote ? carriage : quote;
    return separator < other ? separator : other;
}

/* The next comma, quote, newline or carriage return, or the end. */
static const char *next_mark(const char *at, const char *end)
{
    for (; (size_t)(end - at) >= SCAN_BYTES; at += SCAN_BYTES) {
        unsigned char least = UCHAR_MAX;
        for (size_t line = 0; line < SCAN_BYTES; line += CACHE_LINE)
            __builtin_prefetch(at + SCAN_AHEAD + line);
        for (size_t i = 0; i < SCAN_BYTES; i++)
            least = off_mark(at[i]) < least ? off_mark(at[i]) : least;
        if (least == 0)
            break;
    }
    while (at < end && off_mark(*at) > 0)
        at++;
    return at;
}

static Line read_line(const CsvReader *reader, const char *from)
{
    Line line = { .stop = next_mark(from, reader->end) };
    while (line.stop < reader->end && *line.stop != '\n' && *line.stop != '\r') {
        line.commas += *line.stop == ',';
        line.quoted |= *line.stop == '"';
        line.stop = next_mark(line.stop + 1, reader->end);
    }
    return line;
}

/* Move on to the line after the one that ends at `stop`. */
static void pass_line(CsvReader *reader, const char *stop)
{
    const char *end = reader->end;
    reader->at = stop < end ? stop + 1 : end;
    if (stop < end && *stop == '\r' && reader->at < end && *reader->at == '\n')
        reader->at++;
    reader->next_line++;
}

/* Give back the pages before the row, so that memory doesn't grow with the file. */
static void release(CsvReader *reader)
{
    size_t size = (size_t)(reader->row - reader->released) & -reader->release_bytes;
    if (size == 0)
        return;
    madvise((void *)reader->released, size, MADV_DONTNEED);
    reader->released += size;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t'; // what libcsv takes off both ends of a field
}

/* Split a row without quotes at its commas, of which there are so many. false: it is empty, which is no row. */
static bool split(CsvReader *reader, const char *from, const char *stop, size_t commas)
{
    while (from < stop && is_blank(*from))
        from++;
    if (from == stop)
        return false;
    reader->count = commas + 1;
    for (size_t i = 0; i < reader->count && i < CSV_MOST_FIELDS; i++) {
        const char *comma = i < commas ? memchr(from, ',', (size_t)(stop - from)) : NULL;
        const char *first = from, *last = comma ? comma : stop;
        while (first < last && is_blank(*first))
            first++;
        while (last > first && is_blank(last[-1]))
            last--;
        reader->fields[i] = (CsvField){ first, (size_t)(last - first) };
        from = comma ? comma + 1 : stop;
    }
    return true;
}

/* libcsv delivers a field: copy it; its text is an offset until the row is complete. */
static void take_field(void *bytes, size_t length, void *context)
{
    CsvReader *reader = context;
    if (reader->count < CSV_MOST_FIELDS) {
        reader->fields[reader->count].text = reader->buffer + reader->buffered;
        reader->fields[reader->count].length = length;
        if (length)
            memcpy(reader->buffer + reader->buffered, bytes, length);
        reader->buffered += length;
    }
    reader->count++;
}

static void end_row(int terminator, void *context)
{
    CsvReader *reader = context;
    (void)terminator;
    reader->row_done = true;
}

/* Room for all fields of the row up to `stop`: they are no longer than its text. */
static bool reserve(CsvReader *reader, const char *stop, Failure *failure)
{
    size_t size = (size_t)(stop - reader->row) + 1;
    if (size <= reader->capacity)
        return true;
    char *buffer = realloc(reader->buffer, 2 * size);
    if (!buffer)
        return fail(failure, EX_OSERR, "%s:%zu: out of memory for a row of %zu bytes", reader->path,
                    reader->line, size);
    for (size_t i = 0; i < reader->count && i < CSV_MOST_FIELDS; i++)
        reader->fields[i].text = buffer + (reader->fields[i].text - reader->buffer);
    reader->buffer = buffer;
    reader->capacity = 2 * size;
    return true;
}

static bool refuse_syntax(CsvReader *reader, Failure *failure)
{
    return fail(failure, EX_DATAERR,
                "%s:%zu:1: a quote is missing or stands inside a field; write the file again",
                reader->path, reader->line);
}

/* Hand lines to libcsv until a row is complete. */
static bool parse(CsvReader *reader, Line line, Failure *failure)
{
    const char *from = reader->row;
    reader->count = reader->buffered = 0;
    reader->row_done = false;
    for (;;) {
        bool quoted = line.quoted || from != reader->row;
        size_t size = (size_t)(reader->at - from);
        if (!reserve(reader, reader->at, failure))
            return false;
        if (csv_parse(&reader->parser, from, size, take_field, end_row, reader) != size)
            return refuse_syntax(reader, failure);
        if (reader->row_done || (!quoted && reader->at < reader->end))
            return true;
        if (reader->at == reader->end)
            return csv_fini(&reader->parser, take_field, end_row, reader) == 0
                || refuse_syntax(reader, failure);
        from = reader->at;
        line = read_line(reader, from);
        pass_line(reader, line.stop);
    }
}

/* The next row of any number of fields. */
static bool next_row(CsvReader *reader, Failure *failure)
{
    while (reader->at < reader->end) {
        reader->row = reader->at;
        reader->line = reader->next_line;
        release(reader);
        Line line = read_line(reader, reader->row);
        size_t size = (size_t)(line.stop - reader->row);
        pass_line(reader, line.stop);
        reader->direct_size = line.quoted || size < reader->direct_from ? 0 : size;
        if (reader->direct_size > 0) {
            if (split(reader, reader->row, line.stop, line.commas))
                return true;
            continue;
        }
        if (!parse(reader, line, failure))
            return false;
        if (reader->row_done)
            return true;
    }
    return false;
}

static bool is_header(const CsvReader *reader)
{
    const char *name = reader->header;
    for (size_t i = 0; i < reader->columns; i++, name += strcspn(name, ",") + 1)
        if (reader->fields[i].length != strcspn(name, ",")
            || memcmp(reader->fields[i].text, name, reader->fields[i].length) != 0)
            return false;
    return true;
}

bool csv_open_bare(CsvReader *reader, const char *path, const char *header, Failure *failure)
{
    *reader = (CsvReader){ .path = path,
                           .header = header,
                           .columns = 1,
                           .direct_from = CSV_DIRECT_BYTES,
                           .release_bytes = CSV_RELEASE_BYTES,
                           .next_line = 1 };
    for (const char *comma = header; (comma = strchr(comma, ',')); comma++)
        reader->columns++;
    assert(reader->columns <= CSV_MOST_FIELDS);
    if (!mapped_file_open(&reader->file, path, failure))
        return false;
    if (csv_init(&reader->parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return fail(failure, EX_OSERR, "%s: out of memory", path);
    csv_set_blk_size(&reader->parser, PARSER_BLOCK_BYTES);
    reader->parsing = true;
    reader->at =
        reader->file.bytes ? (const char *)reader->file.bytes : ""; // an empty file has none
    reader->released = reader->at;
    reader->end = reader->at + reader->file.size;
    if (reader->file.size >= 3 && memcmp(reader->at, "\xef\xbb\xbf", 3) == 0)
        reader->at += 3; // a byte order mark
    return true;
}

bool csv_open(CsvReader *reader, const char *path, const char *header, Failure *failure)
{
    bool any = csv_open_bare(reader, path, header, failure) && next_row(reader, failure);
    if (failure->code != EX_OK || (any && reader->count == reader->columns && is_header(reader)))
        return failure->code == EX_OK;
    return fail(failure, EX_DATAERR, "%s:%zu:1: the header is not %s; give a table of that kind",
                path, any ? reader->line : 1, header);
}

void csv_close(CsvReader *reader)
{
    if (reader->parsing)
        csv_free(&reader->parser);
    free(reader->buffer);
    mapped_file_close(&reader->file);
    *reader = (CsvReader){ 0 };
}

/* Where field `field` starts in the row's text; where the row ends, if it has no such field. */
static size_t field_offset(const CsvReader *reader, size_t field)
{
    const char *at = reader->row;
    bool quoted = false;
    for (; at < reader->at && field > 0; at++) {
        quoted ^= *at == '"';
        field -= *at == ',' && !quoted;
    }
    while (field > 0 && at > reader->row && (at[-1] == '\n' || at[-1] == '\r'))
        at--;
    while (field == 0 && at < reader->at && (is_blank(*at) || *at == '"'))
        at++;
    return (size_t)(at - reader->row);
}

bool csv_refuse(const CsvReader *reader, size_t field, size_t offset, Failure *failure,
                const char *format, ...)
{
    char message[512];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    return fail(failure, EX_DATAERR, "%s:%zu:%zu: %s", reader->path, reader->line,
                field_offset(reader, field) + offset + 1, message);
}

bool csv_next(CsvReader *reader, Failure *failure)
{
    if (failure->code != EX_OK || !next_row(reader, failure))
        return false;
    if (reader->count == reader->columns)
        return true;
    size_t at = reader->count < reader->columns ? reader->count : reader->columns;
    return csv_refuse(reader, at, 0, failure, "%zu field%s; a row has %zu, %s", reader->count,
                      reader->count == 1 ? "" : "s", reader->columns, reader->header);
}

CsvPlace csv_place(const CsvReader *reader)
{
    return (CsvPlace){ (size_t)(reader->row - (const char *)reader->file.bytes), reader->line,
                       reader->direct_size };
}

/* The row that was scanned directly before, at reader->at: no byte of its last field is looked at again. */
static bool read_again(CsvReader *reader, size_t size)
{
    const char *stop = reader->at + size;
    reader->row = reader->at;
    reader->line = reader->next_line;
    reader->direct_size = size;
    bool stayed = stop == reader->end || *stop == '\n' || *stop == '\r';
    pass_line(reader, stop);
    return stayed && split(reader, reader->row, stop, reader->columns - 1);
}

bool csv_read_at(CsvReader *reader, CsvPlace place, Failure *failure)
{
    const char *bytes = (const char *)reader->file.bytes;
    size_t first = (size_t)(reader->released - bytes), last = (size_t)(reader->at - bytes);
    if (failure->code != EX_OK)
        return false;
    if (place.offset >= reader->file.size || place.size > reader->file.size - place.offset)
        return fail(failure, EX_TEMPFAIL, "%s: became shorter while it was read; run again",
                    reader->path);
    if (last > first)
        madvise((void *)reader->released, last - first, MADV_DONTNEED);
    reader->released = bytes + (place.offset & -LARGEST_PAGE);
    reader->at = bytes + place.offset;
    reader->next_line = place.line;
    return (place.size ? read_again(reader, place.size) : csv_next(reader, failure))
        || fail(failure, EX_TEMPFAIL, "%s:%zu: changed while it was read; run again", reader->path,
                place.line); // a failure that is there stays
}
