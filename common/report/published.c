#include "common/report/published.h"
#include "common/rank/csv_reader.h"

#include <stdlib.h>
#include <string.h>

#define MOST_NUMBERS ((size_t)4096)

enum { ROW, METRIC, VALUE, SOURCE };

static bool read_number(Published *number, const CsvReader *reader, Arena *arena, Failure *failure)
{
    char *texts[SOURCE + 1], *end;
    for (size_t i = 0; i <= SOURCE; i++) {
        texts[i] = arena_copy(arena, reader->fields[i].text, reader->fields[i].length, failure);
        if (!texts[i])
            return false;
    }
    *number = (Published){ texts[ROW], texts[SOURCE], METRICS, strtod(texts[VALUE], &end) };
    for (Metric m = 0; m < METRICS; m++)
        if (strcmp(metric_name(m), texts[METRIC]) == 0)
            number->metric = m;
    if (number->metric == METRICS)
        return csv_refuse(reader, METRIC, 0, failure, "no metric \"%s\"", texts[METRIC]);
    if (*end || end == texts[VALUE] || !(number->value >= 0 && number->value <= 1))
        return csv_refuse(reader, VALUE, 0, failure, "not a number from 0 to 1");
    return true;
}

bool published_read(PublishedNumbers *published, const char *path, Arena *arena, Failure *failure)
{
    CsvReader reader = { 0 };
    *published = (PublishedNumbers){ 0 };
    bool ok = arena_array(arena, published->numbers, MOST_NUMBERS, failure)
        && csv_open(&reader, path, "Row,Metric,Value,Source", failure);
    while (ok && csv_next(&reader, failure))
        ok = (published->count < MOST_NUMBERS
              || fail(failure, EX_DATAERR, "%s: more than %zu numbers", path, MOST_NUMBERS))
            && read_number(&published->numbers[published->count++], &reader, arena, failure);
    csv_close(&reader);
    return ok && failure->code == EX_OK;
}

const Published *published_find(const PublishedNumbers *published, const char *row, Metric metric)
{
    for (size_t i = 0; i < published->count; i++)
        if (published->numbers[i].metric == metric && strcmp(published->numbers[i].row, row) == 0)
            return &published->numbers[i];
    return NULL;
}
