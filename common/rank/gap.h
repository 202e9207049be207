/*
 * GAP@k of videos, with Hit@1, PERR and MAP, from each video's best classes.
 *
 *   GAP    every video's `top` best predictions in one list, P = all labels of all videos: AP
 *   Hit@1  share of videos whose best class is a label
 *   PERR   labels among a video's G best classes with a score above 0, over its G labels; the mean
 *   MAP    AP for each class over the same list, P = videos with the label; mean where P > 0
 *
 * The truth's videos all count, also those without predictions. Equal scores are ranked by id, then
 * by class, both ascending, so the result doesn't depend on the order of files or rows.
 * Source: spec/data-and-metrics 7.4 to 7.8.
 */
#ifndef PODIUM_RANK_GAP_H
#define PODIUM_RANK_GAP_H

#include "common/rank/ignored.h"
#include "common/rank/predictions.h"
#include "common/rank/radix.h"
#include "common/rank/submission_csv.h"
#include "common/rank/truth.h"

typedef struct VideoState {
    uint64_t first; // entry
    uint32_t count; // entries
    bool seen, hit;
    double perr;
} VideoState;

typedef struct Gap {
    const VideoTruth *truth;
    size_t top;
    uint32_t classes;   // classes from here on that no video has don't exist
    bool dense;         // what is added are a video's best classes, not a row of a contest's file
    VideoState *videos; // [truth->videos]
    ListEntry *entries; // in an arena of their own, which grows
    size_t count;
    Arena list, sorted;
    Ignored ignored;
} Gap;

typedef struct GapResult {
    double gap, hit_at_1, perr, map;
    uint64_t videos, positives, classes; // classes with positives
} GapResult;

/*
 * Begin. End with gap_close.
 *
 *   classes  classes of the dataset: a prediction of another class that no video has is ignored
 */
bool gap_open(Gap *gap, const VideoTruth *truth, size_t top, uint32_t classes, Arena *arena,
              Failure *failure);
void gap_close(Gap *gap);

/*
 * Enter a video's predictions as a contest takes them: the first `top` pairs, of repeated classes
 * the first, known classes; a video that was there before, or is unknown, is ignored.
 *
 *   pairs  reordered. Where gap->dense is set, they are the video's best classes, as many as it has
 *          labels and at least `top`: PERR sees all of them, the list the best `top`
 */
bool gap_add(Gap *gap, const char *id, size_t id_length, ScoredClass *pairs, size_t count,
             Failure *failure);

/* Compute. `classes`, if not NULL, receives the AP of each class: [truth->classes]. */
bool gap_finish(Gap *gap, GapResult *result, double *class_precision, Arena scratch,
                Failure *failure);

/* All of it for a 2018 submission. */
bool gap_read_csv(Gap *gap, const char *path, Failure *failure);

/* All of it for predictions of whole videos. EX_DATAERR: a segment, or a score that is NaN. */
bool gap_read_predictions(Gap *gap, Predictions *predictions, Arena scratch, Failure *failure);

#endif
