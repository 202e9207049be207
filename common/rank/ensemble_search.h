/*
 * Ensemble search: the weights of an ensemble as a point of a search, and where a search begins.
 *
 * Coordinates of a point are the members' weights, of which only the shares count; of ranks with a range
 * for w0 there is one more, on a logarithmic scale: w0 = low (high / low)^x.
 *
 * A search begins with equal weights; then with weights by what the members reach alone,
 *
 *   c_i ~ exp((m_i - max m) / deviation of m)
 *
 * and with points around these, each weight times 2^normal. (The paper centres the region on each model's
 * public MAP, and doesn't say how; its weights follow this rule within the factor that such points have.)
 *
 * Source: papers/bert-ensemble, section 6; spec/models 16.5.
 */
#ifndef PODIUM_RANK_ENSEMBLE_SEARCH_H
#define PODIUM_RANK_ENSEMBLE_SEARCH_H

#include "common/rank/ensemble_map.h"
#include "common/search/search.h"

#define ENSEMBLE_MOST_MEMBERS (SEARCH_MOST_DIMENSIONS - 1)

typedef struct EnsembleSpace {
    size_t members;
    double w0_low, w0_high; // equal: w0 is given
} EnsembleSpace;

/* How many coordinates a point has. */
size_t ensemble_dimensions(const EnsembleSpace *space);

/* w0 of a point, rounded to four decimals as it is written down. Weights are the first coordinates. */
double ensemble_w0(const EnsembleSpace *space, const double *point);

/*
 * What each member reaches alone, and the points that a search begins with.
 *
 *   alone    [members]: MAP
 *   points   [count, dimensions], in the arena: equal weights, by the members' own values, and around these
 */
bool ensemble_first_points(const EnsembleSpace *space, EnsembleMap *map, uint64_t seed,
                           size_t count, double *alone, double **points, Arena *arena,
                           Failure *failure);

#endif
