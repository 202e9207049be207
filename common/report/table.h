/*
 * Number tables: the columns of a CSV file whose first line names them.
 */
#ifndef PODIUM_REPORT_TABLE_H
#define PODIUM_REPORT_TABLE_H

#include "common/base/arena.h"

#define TABLE_MOST_COLUMNS ((size_t)96)

typedef struct NumberTable {
    const char *names[TABLE_MOST_COLUMNS];
    double *column[TABLE_MOST_COLUMNS]; // [rows]; NAN where a field is empty
    size_t columns, rows;
} NumberTable;

/*
 * Read a table of numbers, all of it into the arena.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: a row with more or fewer fields than the header, or a field
 *            that is no number (says line and column)
 */
bool number_table_read(NumberTable *table, const char *path, Arena *arena, Failure *failure);

/* The column of that name, or NULL. */
const double *number_table_column(const NumberTable *table, const char *name);

#endif
