/*
 * Named weights: "first=2,second=0.5", a weight for each of some names, in any order. A weight that is
 * meant for one input can't come to another, as it does where weights stand in the order of inputs.
 */
#ifndef PODIUM_RANK_NAMED_WEIGHTS_H
#define PODIUM_RANK_NAMED_WEIGHTS_H

#include "common/base/arena.h"

/*
 * The names of files: what stands between the last slash of each path and its last dot.
 *
 *   names    [count], in the arena
 *   failure  EX_USAGE: two files have one name, or one has none
 */
bool names_of_files(const char ***names, const char *const *paths, size_t count, Arena *arena,
                    Failure *failure);

/*
 * Weights by name, each from 0, not all 0, in the order of the names.
 *
 *   text     "NAME=WEIGHT,NAME=WEIGHT"; NULL: all weights are 1
 *   failure  EX_USAGE: a pair that is none, a name that isn't among the names or stands there twice,
 *            one without a weight, a weight that is negative or not finite, no weight above 0
 */
bool named_weights_parse(double **weights, const char *const *names, size_t count, const char *text,
                         Arena *arena, Failure *failure);

#endif
