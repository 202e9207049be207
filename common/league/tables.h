/*
 * Tables: the files of a league that are no shards.
 *
 *   vocabulary.csv         all classes, by the training videos that have them as a label
 *   segment_label_ids.csv  the classes that segments are rated for
 *   eigenvals.npy          of the PCA that the features are said to come from
 *   truth.csv              VIDEO:START,CLASS,SCORE,PART for each rating of the test partition
 */
#ifndef PODIUM_LEAGUE_TABLES_H
#define PODIUM_LEAGUE_TABLES_H

#include "common/base/file.h"
#include "common/league/plan.h"

#define LEAGUE_EIGENVALUES 2048

/*
 * Count the labels of all training videos, on all threads.
 *
 *   counts  [classes]
 *   cost    draws each video's plan: about 50 us
 */
bool count_labels(uint64_t *counts, const World *world, Failure *failure);

bool write_vocabulary(AtomicFile *file, const World *world, const uint64_t *counts, Arena scratch,
                      Failure *failure);
bool write_segment_classes(AtomicFile *file, const World *world, Failure *failure);

/* e_j = exp(2.501 - 0.674 ln j - 2.098 j / 1024): within 20 % of the published ones. */
bool write_eigenvalues(AtomicFile *file, Failure *failure);

/* Draws the plans of all test videos. */
bool write_truth(AtomicFile *file, const World *world, Arena scratch, Failure *failure);

#endif
