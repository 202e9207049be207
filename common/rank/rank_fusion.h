/*
 * Rank fusion: submissions of 2019's contest as one, by the places that segments have in their lists.
 *
 *   Score(v) = sum_i w_i w0 / (w0 + rank_i(v) - 1)    over the files i whose list has segment v,
 *                                                     class by class; w0 = 1: w_i / rank_i(v)
 *
 * Ordered by it, the best `top` kept. Terms are rounded to whole multiples of a power of two, so far below
 * all of them that it decides nothing, and sums of those are exact: the order of the files changes
 * nothing, and segments that have the same places in files of equal weight are equal. Equal ones stand
 * in the order of their ids' bytes, then of their starts, as in all of Podium's submissions.
 * Source: papers/bert-ensemble, section 6; w0 from the released code.
 */
#ifndef PODIUM_RANK_RANK_FUSION_H
#define PODIUM_RANK_RANK_FUSION_H

#include "common/rank/known_videos.h"
#include "common/rank/segment_scores.h"
#include "common/rank/submission_rows.h"

typedef struct RankFusion {
    SubmissionRows *files; // [count]
    const double *weights; // [count], from 0, not all 0
    size_t count, top;
    double w0;                // above 0
    const KnownVideos *known; // NULL: any
} RankFusion;

/*
 * What a file's places give: round(2^e weight w0 / (w0 + rank - 1)), where place = rank - 1, with the
 * largest e for which the sum over all files stays below 2^62.
 */
PlacePoints rank_points(const RankFusion *fusion, size_t file);

/*
 * Find the rows of all files, and compare their classes. Set weights, count, top, w0 and known before.
 * Close with rank_fusion_close, on failure as well.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: as submission_rows_read; two files have other classes (says the
 *            first)
 *   cost     the files are read once; files in parallel
 */
bool rank_fusion_open(RankFusion *fusion, const char *const *paths, Arena *arena, Failure *failure);
void rank_fusion_close(RankFusion *fusion);

/*
 * Write the fused submission, classes ascending. Classes are computed by several threads, at most
 * RANK_FUSION_MOST_THREADS, and written in their order, so that neither bytes nor failures depend on them.
 *
 *   failure  EX_DATAERR, with line and column: no ID:START, a segment that is twice in a list or isn't
 *            known, a list of more than LIST_MOST_SEGMENTS (list_check.h). EX_TEMPFAIL: a file changed
 *   memory   below 64 MiB beside the mapped files and 24 bytes for each of their rows, at any number of
 *            files and classes; names of another kind than the dataset's (segment_code.h) take 16 more each
 */
#define RANK_FUSION_MOST_THREADS ((size_t)4)
bool rank_fusion_write(RankFusion *fusion, AtomicFile *file, Arena scratch, Failure *failure);

/*
 * Both of these, and files whose rows are in step (rows_in_step.h) are read once instead of twice: the same
 * bytes, and the same failures. Close with rank_fusion_close, on failure as well.
 */
bool rank_fusion_run(RankFusion *fusion, const char *const *paths, AtomicFile *file, Arena *arena,
                     Failure *failure);

#endif
