#include "common/rank/rows_in_step.h"

#define WINDOW_BYTES ((size_t)64 << 20)       // of all files, that are mapped at a time
#define LEAST_RELEASE_BYTES ((size_t)1 << 20) // of a file: a row of the contest's

static size_t release_bytes(size_t files)
{
    size_t bytes = CSV_RELEASE_BYTES;
    while (bytes > LEAST_RELEASE_BYTES && bytes * files > WINDOW_BYTES)
        bytes /= 2;
    return bytes;
}

bool rows_in_step_open(RowsInStep *rows, const char *const *paths, size_t count, Arena *arena,
                       Failure *failure)
{
    *rows = (RowsInStep){ .count = count };
    if (!arena_array(arena, rows->readers, count, failure))
        return false;
    while (rows->opened < count && !rows->out_of_step) {
        Failure unreadable = { 0 };
        CsvReader *reader = &rows->readers[rows->opened];
        rows->out_of_step =
            !csv_open(reader, paths[rows->opened++], SUBMISSION_2019_HEADER, &unreadable);
        reader->direct_from = 1; // a copy of a row would not outlive the next one
        reader->release_bytes = release_bytes(count);
    }
    return true;
}

void rows_in_step_close(RowsInStep *rows)
{
    while (rows->opened > 0)
        csv_close(&rows->readers[--rows->opened]);
    *rows = (RowsInStep){ 0 };
}

bool rows_in_step_next(RowsInStep *rows, ClassRow *next)
{
    Failure fault = { 0 };
    size_t found = 0;
    bool mapped = true, same = true, whole = true;
    if (rows->out_of_step || rows->ended)
        return false;
    for (size_t file = 0; file < rows->count; file++) {
        CsvReader *reader = &rows->readers[file];
        if (!class_row_next(&next[file], reader, &fault)) {
            whole = whole && fault.code == EX_OK && class_rows_end(reader, &fault);
            continue;
        }
        found++;
        mapped = mapped && reader->direct_size > 0;
        same = same && next[file].class == next[0].class;
    }
    rows->ended = found == 0 && whole;
    bool all =
        found == rows->count && mapped && same && !(rows->any && next[0].class <= rows->class);
    rows->out_of_step = !all && !rows->ended;
    rows->any = rows->any || all;
    rows->class = all ? next[0].class : rows->class;
    return all;
}

bool rows_in_step_done(const RowsInStep *rows)
{
    return rows->ended && rows->any;
}
