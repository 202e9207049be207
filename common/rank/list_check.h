/*
 * List check: what a submission's list of segments must be, slowly, and said by line and column. Fusing
 * sees that something is wrong; this finds the first thing that is.
 */
#ifndef PODIUM_RANK_LIST_CHECK_H
#define PODIUM_RANK_LIST_CHECK_H

#include "common/rank/known_videos.h"
#include "common/rank/submission_csv.h"

#define LIST_MOST_SEGMENTS ((size_t)100000) // what the contest looks at

/* What is wrong with a segment's name; NULL: nothing. known: NULL: any video may be named. */
const char *segment_fault(const char *text, size_t length, const KnownVideos *known);

/*
 * Check the list of the row that the reader has: EX_DATAERR, where a segment is no ID:START, of no known
 * video, behind its video's end, in the list twice, or one more than LIST_MOST_SEGMENTS.
 */
bool list_check(const ClassRow *row, const CsvReader *reader, const KnownVideos *known,
                Arena scratch, Failure *failure);

#endif
