/*
 * CSV: rows that are scanned directly and rows that libcsv parses are the same rows.
 */
#include "harness.h"

#include "common/rank/csv_reader.h"

#include <string.h>

static void compare(CsvReader *direct, CsvReader *parsed)
{
    Failure a = { 0 }, b = { 0 };
    bool more = true;
    while (more) {
        more = csv_next(direct, &a);
        CHECK(more == csv_next(parsed, &b));
        for (size_t i = 0; more && i < direct->count && i < CSV_MOST_FIELDS; i++) {
            const CsvField *x = &direct->fields[i], *y = &parsed->fields[i];
            CHECK(x->length == y->length && memcmp(x->text, y->text, x->length) == 0);
        }
    }
    check_outcome(a.code == EX_OK, &a);
    CHECK(a.code == b.code && strcmp(a.message, b.message) == 0);
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure a = { 0 }, b = { 0 };
    CsvReader direct, parsed;
    (void)bytes;
    (void)arena;
    bool ok = csv_open_bare(&direct, INPUT, "One,Two", &a)
        && csv_open_bare(&parsed, INPUT, "One,Two", &b);
    check_outcome(ok, &a);
    direct.direct_from = 0;
    parsed.direct_from = SIZE_MAX;
    if (ok
        && !memchr(bytes, 0, size)) // a zero byte is a field's end to nobody but libcsv's strings
        compare(&direct, &parsed);
    csv_close(&direct);
    csv_close(&parsed);
}

const Harness harness = { "csv", try, NULL, 16, 1 << 20 };
