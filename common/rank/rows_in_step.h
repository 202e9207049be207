/*
 * Rows in step: the rows of several submissions of 2019's contest, one class after another, where all files
 * have the same classes in ascending order, as those have that a program wrote. Each byte is read once.
 *
 * What else a file may be (rows in another order, quotes, faults) is not judged here: it ends the walk, and
 * submission_rows.h is for it.
 */
#ifndef PODIUM_RANK_ROWS_IN_STEP_H
#define PODIUM_RANK_ROWS_IN_STEP_H

#include "common/rank/submission_csv.h"

typedef struct RowsInStep {
    CsvReader *readers; // [count]
    size_t count, opened;
    bool any; // rows so far, the last ones of `class`
    uint32_t class;
    bool out_of_step, ended;
} RowsInStep;

/*
 * Begin. Close with rows_in_step_close, on failure as well. A file that can't be read is out of step.
 *
 *   paths    [count], borrowed
 *   failure  of memory only
 */
bool rows_in_step_open(RowsInStep *rows, const char *const *paths, size_t count, Arena *arena,
                       Failure *failure);
void rows_in_step_close(RowsInStep *rows);

/*
 * The next class's row of each file, [count]. They borrow the mapped files, until these are closed.
 * false: the files have ended, or are out of step.
 */
bool rows_in_step_next(RowsInStep *rows, ClassRow *next);

/* Whether all files were read to their ends, in step, and there was a row. */
bool rows_in_step_done(const RowsInStep *rows);

#endif
