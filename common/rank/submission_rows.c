#include "common/rank/submission_rows.h"

#include <stdio.h>

static int by_class(const void *a, const void *b)
{
    const ClassPlace *x = a, *y = b;
    int order = (x->class > y->class) - (x->class < y->class);
    return order ? order
                 : (x->place.offset > y->place.offset) - (x->place.offset < y->place.offset);
}

static bool read_places(Vector *places, CsvReader *csv, Failure *failure)
{
    ClassRow row;
    while (class_row_next(&row, csv, failure)) {
        ClassPlace *place = vector_add(places, sizeof *place, failure);
        if (!place)
            return false;
        *place = (ClassPlace){ row.class, csv_place(csv) };
    }
    return failure->code == EX_OK && class_rows_end(csv, failure);
}

static bool check_classes(const SubmissionRows *rows, Failure *failure)
{
    const ClassPlace *classes = rows->classes;
    if (rows->count == 0)
        return fail(failure, EX_DATAERR, "%s: has no class; give a submission with rows",
                    rows->path);
    for (size_t i = 1; i < rows->count; i++)
        if (classes[i].class == classes[i - 1].class)
            return fail(failure, EX_DATAERR,
                        "%s:%zu:1: class %u is there twice, in line %zu too; remove one",
                        rows->path, classes[i].place.line, classes[i].class,
                        classes[i - 1].place.line);
    return true;
}

bool submission_rows_read(SubmissionRows *rows, const char *path, Failure *failure)
{
    CsvReader csv;
    Vector places = { 0 };
    bool ok = csv_open(&csv, path, SUBMISSION_2019_HEADER, failure)
        && read_places(&places, &csv, failure);
    csv_close(&csv);
    *rows = (SubmissionRows){ path, places.items, places.count };
    if (places.count > 0)
        qsort(places.items, places.count, sizeof(ClassPlace), by_class);
    return ok && check_classes(rows, failure);
}

void submission_rows_close(SubmissionRows *rows)
{
    free(rows->classes);
    *rows = (SubmissionRows){ 0 };
}

bool submission_rows_same(const SubmissionRows *a, const SubmissionRows *b, Failure *failure)
{
    size_t i = 0;
    while (i < a->count && i < b->count && a->classes[i].class == b->classes[i].class)
        i++;
    if (i == a->count && i == b->count)
        return true;
    bool in_a = i == b->count || (i < a->count && a->classes[i].class < b->classes[i].class);
    return fail(failure, EX_DATAERR,
                "%s has class %u, %s hasn't; fuse submissions of the same classes",
                in_a ? a->path : b->path, in_a ? a->classes[i].class : b->classes[i].class,
                in_a ? b->path : a->path);
}
