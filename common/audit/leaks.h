/*
 * Leaks: what must not have been learned from, and was.
 *
 * Hidden truth: no submission is made from a table truth.csv, by any way. Hold-outs: no video by
 * which a model is judged (what `evaluate` scores, what `tune` chooses weights by, and the validation
 * videos of `train`) is one that the model, or a model before it, was trained on; by id, across partitions and indexes.
 */
#ifndef PODIUM_AUDIT_LEAKS_H
#define PODIUM_AUDIT_LEAKS_H

#include "common/audit/lineage.h"

/* A leak: "from" must not lead to "to". */
typedef struct Leak {
    size_t from;    // node: the truth, or the model that learned the video
    size_t to;      // node: the submission, or what is judged by it
    const char *id; // of a video that is in both; NULL for a truth
} Leak;

typedef struct LeakReport {
    Leak *leaks;
    size_t count;
    size_t submissions; // that were traced
    size_t pairs;       // of judged and learned sets of videos that were compared
} LeakReport;

/*
 * Find all leaks of a build.
 *
 *   memory   16 bytes for each video of the largest set that judges
 *   failure  EX_DATAERR: an index or a split can't be read
 */
bool leaks_find(LeakReport *report, const Lineage *lineage, Arena *arena, Failure *failure);

#endif
