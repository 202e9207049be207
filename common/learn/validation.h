/*
 * Validation: GAP@20 of the parameters as they are, on a part of the data that isn't trained on.
 *
 * Every video's 20 highest probabilities go into one list, equal ones in the order of the index and
 * of the classes; GAP is the list's average precision (spec/data-and-metrics 7.5).
 */
#ifndef PODIUM_LEARN_VALIDATION_H
#define PODIUM_LEARN_VALIDATION_H

#include "common/learn/feed.h"
#include "common/learn/parameters.h"
#include "common/learn/source.h"
#include "common/rank/heap.h"

#define VALIDATION_TOP ((size_t)20)

typedef struct Validation {
    Feed feed;
    Tensor probabilities;
    Plan *plan; // for inference, with the parameters bound; NULL: there is no validation
    LoaderSettings loader;
    size_t classes;
    TopHeap *heaps;    // [batch]: the best classes of each video
    uint64_t *list;    // [entries]: score and place, see ranked.h
    uint8_t *positive; // [entries]: by place
    uint8_t *ranking;  // [entries]: by rank
    size_t entries;
    uint64_t positives; // labels of all videos
    Arena *arena;       // what a run needs comes from a copy of it
} Validation;

/*
 * Prepare. Release with validation_destroy; everything is borrowed until then.
 *
 *   failure  EX_DATAERR: no videos. EX_OSERR
 *   memory   17 bytes for each of 20 entries a video
 */
bool validation_create(Validation *validation, const Graph *g, Feed feed, Tensor probabilities,
                       const Parameters *parameters, const LoaderSettings *loader, Arena *arena,
                       Failure *failure);
void validation_destroy(Validation *validation);

/* Score: a TrainerValidate. EX_DATAERR: what the loader says, or a probability that is NaN. */
bool validation_run(void *validation, double *gap, Failure *failure);

#endif
