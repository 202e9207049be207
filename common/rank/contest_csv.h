/*
 * Contest CSV: predictions as a submission that can be uploaded.
 *
 *   2018   VideoId,LabelConfidencePairs   a row of predictions a line, its best classes, %i %g
 *   2019   Class,Segments                 a class a line, ascending, its best segments
 *
 * Best first. Equal scores: 2018 by class, 2019 by the id's bytes, then by the start; the starter
 * code's order follows a heap and has no meaning. Nothing is there twice.
 * Source: spec/data-and-metrics 6.6, 6.7, 8.1, 8.2.
 */
#ifndef PODIUM_RANK_CONTEST_CSV_H
#define PODIUM_RANK_CONTEST_CSV_H

#include "common/rank/predictions.h"

/*
 * Write 2018's form.
 *
 *   top      pairs a video
 *   failure  EX_DATAERR: a score is NaN or infinite, a row is a segment, or there twice, an id can't
 *            stand in CSV
 */
bool contest_write_videos(Predictions *predictions, size_t top, AtomicFile *file, Arena scratch,
                          Failure *failure);

/*
 * Write 2019's form.
 *
 *   top      segments a class
 *   classes  [class_count], ascending: the contest's; NULL: all that were predicted. EX_DATAERR
 *            where one was not predicted
 *   memory   that of best_segments
 */
bool contest_write_segments(Predictions *predictions, size_t top, const uint32_t *classes,
                            size_t class_count, AtomicFile *file, Arena scratch, Failure *failure);

#endif
