/*
 * Truth from CSV.
 *
 *   VideoId,Labels                    labels separated by blanks, or none
 *   VideoId,Start,Class,Relevant      a rating: Relevant above 0 is a positive one
 *   VIDEO:START,CLASS,SCORE           the same without a header, as the starter code's label cache
 *   VIDEO:START,CLASS,SCORE,PART      and with the part that it is of: public or private
 */
#ifndef PODIUM_RANK_TRUTH_CSV_H
#define PODIUM_RANK_TRUTH_CSV_H

#include "common/rank/truth.h"

/*
 * Read the labels of videos.
 *
 *   failure  EX_NOINPUT. EX_DATAERR, with line and column: another header, fields missing, an empty
 *            or repeated id, a label that is no class
 *   memory   in proportion to the rows
 */
bool video_truth_read_csv(VideoTruth *truth, const char *path, Arena *arena, Failure *failure);

/*
 * Read the ratings of segments, in any of the three forms, which the first row tells; a start and a
 * class are whole numbers. As above.
 */
bool segment_truth_read_csv(SegmentTruth *truth, const char *path, Arena *arena, Failure *failure);

#endif
