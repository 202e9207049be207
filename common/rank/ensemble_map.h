/*
 * Ensemble MAP: MAP@K that the fused lists of several members would have, for any weights, in milliseconds.
 *
 *   scores   s = sum_i w_i s_i                       the members' predictions
 *   ranks    s = sum_i w_i w0 / (w0 + rank_i - 1)    their submissions, over those that list the segment
 *
 * Both are added and rounded as `fuse` and `rankfuse` do, so that the value is exactly what `evaluate` says
 * of what these write.
 *
 * The members' files are read once; of each class only the rated segments' scores or ranks are kept,
 * because segments without a rating are dropped from a list before ranks are given. What they still decide
 * is which segments come before the cut after K entries. A fused list is no longer than the segments that
 * any member lists: while these are K or fewer, no segment is cut, whatever the weights, and rated segments
 * alone give the exact value. Of a class that has more, all segments are kept ("rivals"), and each
 * evaluation counts how many stand ahead of the rated ones: exact as well, at 4 bytes a segment and member.
 *
 * Equal scores: by the id's bytes, then by the start. Of a member's list the first 100,000 count, whatever K
 * is, and of a segment that is there twice the first place.
 *
 * Source: spec/models 16.4, 16.7; spec/data-and-metrics 7.9.
 */
#ifndef PODIUM_RANK_ENSEMBLE_MAP_H
#define PODIUM_RANK_ENSEMBLE_MAP_H

#include "common/rank/predictions.h"
#include "common/rank/truth.h"

/* A rated segment in the order of an evaluation. */
typedef struct EnsembleRated {
    uint64_t score; // as a number that orders as the score does
    uint32_t tie, positive;
} EnsembleRated;

/* A class with rated positives. */
typedef struct EnsembleClass {
    uint32_t class;
    uint64_t positives;
    size_t rated, count;  // segments: rated ones first, then rivals where there are any
    uint32_t *tie;        // [count]: the place among the class's segments in the order of ids
    uint8_t *positive;    // [rated]
    float *scores;        // [count, members]; NULL of ranks
    uint32_t *ranks;      // [count, members]; 0: not listed
    EnsembleRated *order; // [rated], of an evaluation
    uint64_t *ahead;      // [rated]: rivals between a rated segment and the one before it
    double value;         // AP
} EnsembleClass;

typedef struct EnsembleMap {
    size_t members, top;
    bool of_ranks;
    EnsembleClass *classes;
    size_t class_count;
    uint64_t rated, positives, rivals; // in all classes
    size_t longest;                    // the last rank of any list
    uint64_t *points; // [members, longest + 1]: of a member's ranks, in an evaluation
} EnsembleMap;

/* Which ratings count, and how many entries of a list. */
typedef struct EnsembleTruth {
    const SegmentTruth *truth;
    size_t part; // of a truth with parts; ratings of the other one are none
    size_t top;
} EnsembleTruth;

/*
 * Read the members' submissions.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: not a submission, a class that is rated but has no line, or two; no
 *            rating with a positive, or of a segment that a member lists
 *   memory   4 bytes a rated segment and member; of classes with more than `top` segments, of all of theirs
 */
bool ensemble_map_of_submissions(EnsembleMap *map, EnsembleTruth truth, const char *const *paths,
                                 size_t count, Arena *arena, Failure *failure);

/*
 * Read the members' predictions, which have the same rows and classes (fusion_open sees to that).
 *
 *   failure  EX_DATAERR: rows that are whole videos, or there twice, a score that is NaN, a rated class
 *            that was not predicted, no rated segment among the rows
 */
bool ensemble_map_of_predictions(EnsembleMap *map, EnsembleTruth truth, const Predictions *inputs,
                                 size_t count, Arena *arena, Failure *failure);

/*
 * MAP of the members' fusion.
 *
 *   weights  [members], from 0, not all 0
 *   w0       of ranks
 *   cost     members products a segment, and a sort of the rated ones; classes side by side
 */
double ensemble_map_value(EnsembleMap *map, const double *weights, double w0);

/* For the two readers: room for a class's tables. */
bool ensemble_class_reserve(EnsembleClass *class, const EnsembleMap *map, Arena *arena,
                            Failure *failure);

/* For the two readers: refuse what can't be tuned, and count. */
bool ensemble_map_finish(EnsembleMap *map, Arena *arena, Failure *failure);

#endif
