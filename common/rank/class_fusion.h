/*
 * Class fusion: one class of several submissions, by the places of its segments (rank_fusion.h).
 */
#ifndef PODIUM_RANK_CLASS_FUSION_H
#define PODIUM_RANK_CLASS_FUSION_H

#include "common/rank/rank_fusion.h"
#include "common/rank/segment_ranking.h"

/* What a thread needs to fuse one class after another. */
typedef struct ClassFusion {
    const RankFusion *fusion;
    CsvReader *readers; // [fusion->count]; where the fusion has the places of rows
    ClassRow *rows;     // [fusion->count]: of the class at hand
    size_t opened;
    SegmentScores scores;
    SegmentRanking ranking;
    unsigned share_bits; // one of 2^bits shares of a class is summed at a time
    char *text;          // of the row that is written: as much of it as there is room for
    size_t text_size;    // bytes
    size_t rendered;     // segments, that are in it or were before
    bool whole;          // all of the row is
} ClassFusion;

/*
 * Begin, for one thread; where the fusion has the places of rows, open the files once more. Close with
 * class_fusion_close, on failure as well.
 *
 *   part  as for segment_scores_open
 */
bool class_fusion_open(ClassFusion *work, const RankFusion *fusion, size_t part, Arena *arena,
                       Failure *failure);
void class_fusion_close(ClassFusion *work);

/*
 * Fuse the class at a place of the files' lists of classes; work->ranking has the result.
 *
 *   failure  as rank_fusion_write; of several faults the first in the order of the files
 */
bool class_fusion_run(ClassFusion *work, size_t class, Failure *failure);

/* Fuse work->rows, which the caller has set. EX_DATAERR: something is wrong with them, or too
 * many ids are too much alike (what, class_fusion_run says). EX_OSERR. */
bool class_fusion_run_rows(ClassFusion *work, Failure *failure);

/*
 * Put the row of the class that was fused last into work->text. work->whole: all of it is there, as it is
 * unless names are longer than the dataset's; then another class may be fused before this one is written.
 */
void class_fusion_render(ClassFusion *work);

/* Write the row that was rendered last. */
bool class_fusion_write(ClassFusion *work, AtomicFile *file, Failure *failure);

#endif
