/*
 * Weights file: what each member of an ensemble counts, by its name; what `tune` writes, and what
 * `fuse` and `rankfuse` read as their weights.
 *
 *   { "kind": "weights", "format": 1, "fusion": "ranks", "w0": 6.058,
 *     "weights": { "bert-mean": 0.1546, "mix-60": 0.1706, ... }, ... }
 *
 * Weights are finite, from 0, not all 0; they need not add up to 1. w0 is of ranks (spec/models 16.4).
 * Whatever else is there, nobody reads to fuse.
 */
#ifndef PODIUM_RANK_WEIGHTS_FILE_H
#define PODIUM_RANK_WEIGHTS_FILE_H

#include "common/base/arena.h"

#define WEIGHTS_KIND "weights"
#define WEIGHTS_FORMAT 1

typedef struct WeightsFile {
    const char *path;   // borrowed
    const char **names; // [count]
    double *weights;    // [count]
    size_t count;
    bool of_ranks;
    double w0; // of ranks
} WeightsFile;

/*
 * Read a weights file, all of it into the arena.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: not JSON (says line and column), not weights, a name twice, a
 *            weight that is none
 */
bool weights_file_read(WeightsFile *file, const char *path, Arena *arena, Failure *failure);

/*
 * The weights of members, by their names: each member has a weight, and each weight a member.
 *
 *   weights  [count], in the order of the names
 *   failure  EX_DATAERR: a name that only one side has; weights of the other kind of fusion
 */
bool weights_file_take(double *weights, const WeightsFile *file, bool of_ranks,
                       const char *const *names, size_t count, Failure *failure);

/*
 * The names of members: "A,B,C" in the order of their files; NULL: the files' own names
 * (named_weights.h).
 *
 *   names    [count], in the arena
 *   failure  EX_USAGE: not as many names as files, a name that is empty, or there twice
 */
bool member_names(const char ***names, const char *text, const char *const *paths, size_t count,
                  Arena *arena, Failure *failure);

#endif
