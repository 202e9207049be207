/*
 * Submission rows: where each class stands in a submission of 2019's contest, for reading classes in any
 * order.
 */
#ifndef PODIUM_RANK_SUBMISSION_ROWS_H
#define PODIUM_RANK_SUBMISSION_ROWS_H

#include "common/rank/submission_csv.h"
#include "common/rank/vector.h"

typedef struct ClassPlace {
    uint32_t class;
    CsvPlace place;
} ClassPlace;

typedef struct SubmissionRows {
    const char *path;    // borrowed
    ClassPlace *classes; // [count], ascending
    size_t count;
} SubmissionRows;

/*
 * Find the rows of a submission. Close with submission_rows_close, on failure as well.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: another header or none, no row, a row that is none, a class that is
 *            there twice (says both lines), a last row without a newline: the file was cut off
 */
bool submission_rows_read(SubmissionRows *rows, const char *path, Failure *failure);
void submission_rows_close(SubmissionRows *rows);

/* Refuse two submissions that have other classes: EX_DATAERR, says the first difference. */
bool submission_rows_same(const SubmissionRows *a, const SubmissionRows *b, Failure *failure);

#endif
