/*
 * Submissions of both contests, row by row.
 *
 *   2018   VideoId,LabelConfidencePairs    ID,CLASS SCORE CLASS SCORE ...
 *   2019   Class,Segments                  CLASS,ID:START ID:START ...      best first
 *
 * Source: spec/data-and-metrics 8.1, 8.2.
 */
#ifndef PODIUM_RANK_SUBMISSION_CSV_H
#define PODIUM_RANK_SUBMISSION_CSV_H

#include "common/rank/csv_reader.h"
#include "common/rank/text_table.h"

#define SUBMISSION_2018_HEADER "VideoId,LabelConfidencePairs"
#define SUBMISSION_2019_HEADER "Class,Segments"

typedef struct ScoredClass {
    double score;
    uint32_t class;
} ScoredClass;

/* A row of 2018's. */
typedef struct VideoRow {
    const char *id; // not terminated
    size_t id_length;
    ScoredClass *pairs; // in the row's order; valid until the next row
    size_t count, capacity;
} VideoRow;

/* A row of 2019's; its text is split with segments_next. */
typedef struct ClassRow {
    uint32_t class;
    const char *at, *end; // what is left of the list
} ClassRow;

/*
 * The next row: true while there is one, false at the end and on failure. The reader was opened
 * with the contest's header; a VideoRow starts as { 0 } and ends with video_row_free.
 *
 *   failure  EX_DATAERR, with line and column: an empty id, a class that is no whole number, a
 *            class without a score, a score that is no finite number
 */
bool video_row_next(VideoRow *row, CsvReader *reader, Failure *failure);
void video_row_free(VideoRow *row);
bool class_row_next(ClassRow *row, CsvReader *reader, Failure *failure);

/* After the last row: every one ends with a newline; one that was cut off doesn't. EX_DATAERR. */
bool class_rows_end(const CsvReader *reader, Failure *failure);

/* The row at a place: as csv_read_at. */
bool class_row_at(ClassRow *row, CsvReader *reader, CsvPlace place, Failure *failure);

/*
 * The next ids of a list, at most `most`: their keys, which borrow the row's text. 0 at its end.
 * Cost: about 64 bytes at a time, without a branch by id.
 */
size_t segments_next(ClassRow *row, TextKey *keys, size_t most);

#endif
