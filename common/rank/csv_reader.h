/*
 * CSV reader: the rows of a table with known columns (RFC 4180), one after another.
 *
 * Rows go through libcsv. A row of `direct_from` bytes or more without a quote is split by a direct
 * scan instead, which gives the same fields: a contest's submission has fields of a megabyte, which
 * libcsv copies byte by byte. The file is mapped; pages that were read are given back on the way.
 */
#ifndef PODIUM_RANK_CSV_READER_H
#define PODIUM_RANK_CSV_READER_H

#include "common/base/file.h"

#include <csv.h>

#define CSV_MOST_FIELDS ((size_t)8)         // columns that a header may ask for
#define CSV_RELEASE_BYTES ((size_t)1 << 24) // pages are given back in steps of this
#define CSV_DIRECT_BYTES ((size_t)1 << 12)  // rows from here on are scanned directly

typedef struct CsvField {
    const char *text; // not terminated; valid until the next row
    size_t length;
} CsvField;

typedef struct CsvReader {
    const char *path;   // borrowed
    const char *header; // borrowed
    size_t columns;     // of the header
    CsvField fields[CSV_MOST_FIELDS];
    size_t count;         // fields in the row
    size_t line;          // number of the row's first line, from 1
    size_t direct_from;   // rows from this size on are scanned directly
    size_t release_bytes; // pages that were read are given back in steps of this, a power of two

    MappedFile file;
    const char *row, *at, *end; // the row, what follows it, the file's end
    size_t direct_size;         // of a row that was scanned directly, without its newline; or 0
    const char *released;       // pages before it were given back
    size_t next_line;           // number of the line at `at`
    struct csv_parser parser;
    bool row_done, parsing;
    char *buffer; // fields that libcsv delivered
    size_t buffered, capacity;
} CsvReader;

/*
 * Open a table and check its header. Close it with csv_close, on failure as well.
 *
 *   header   "VideoId,Labels": these columns in this order
 *   failure  EX_NOINPUT. EX_DATAERR: another header, or none
 */
bool csv_open(CsvReader *reader, const char *path, const char *header, Failure *failure);

/* The same for a table without a header: all rows are its own; `columns` names what they have. */
bool csv_open_bare(CsvReader *reader, const char *path, const char *columns, Failure *failure);
void csv_close(CsvReader *reader);

/*
 * The next row, which has as many fields as the header: true while there is one, false at the end
 * and on failure.
 *
 *   failure  EX_DATAERR: fields missing or too many, a quote that isn't closed
 */
bool csv_next(CsvReader *reader, Failure *failure);

/* Where a row begins, for readers of the same file. */
typedef struct CsvPlace {
    size_t offset, line;
    size_t size; // of a row that has as many fields as it must, and was scanned directly; or 0
} CsvPlace;

/* The place of the row that was read last. */
CsvPlace csv_place(const CsvReader *reader);

/*
 * Read the row at a place again, and go on from there. The memory of what was read so far is given
 * back, so that rows may be visited in any order.
 *
 *   failure  as csv_next; EX_TEMPFAIL: the file is shorter now, or no row ends where that one did
 */
bool csv_read_at(CsvReader *reader, CsvPlace place, Failure *failure);

/*
 * Refuse what stands at byte `offset` of a field: "file:line:column: " and the message, EX_DATAERR.
 * Returns false.
 */
bool csv_refuse(const CsvReader *reader, size_t field, size_t offset, Failure *failure,
                const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
