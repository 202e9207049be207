/*
 * Validation: a score of the parameters as they are, on a part of the data that isn't trained on:
 * GAP@20 of videos, or MAP@100,000 of rated segments.
 */
#ifndef PODIUM_LEARN_VALIDATION_H
#define PODIUM_LEARN_VALIDATION_H

#include "common/learn/feed.h"
#include "common/learn/parameters.h"
#include "common/learn/source.h"
#include "common/learn/validation_gap.h"
#include "common/learn/validation_map.h"

typedef enum ValidationMetric { VALIDATE_GAP, VALIDATE_MAP } ValidationMetric;
#define VALIDATION_METRICS "gap|map" // in the order of the enumeration

typedef struct Validation {
    ValidationMetric metric;
    Feed feed;
    Tensor probabilities;
    Plan *plan; // for inference, with the parameters bound; NULL: there is no validation
    LoaderSettings loader;
    ValidationGap gap; // the metric's own
    ValidationMap map;
    Arena *arena; // what a run needs comes from a copy of it
} Validation;

/*
 * Prepare. Release with validation_destroy; everything is borrowed until then.
 *
 *   loader   of one source, in its order; what a sample is follows from the metric
 *   failure  EX_DATAERR: no videos, or no rated segments; what loader_check says. EX_OSERR
 */
bool validation_create(Validation *validation, ValidationMetric metric, const Graph *g, Feed feed,
                       Tensor probabilities, const Parameters *parameters,
                       const LoaderSettings *loader, Arena *arena, Failure *failure);
void validation_destroy(Validation *validation);

/* Score: a TrainerValidate. EX_DATAERR: what the loader says, or a probability that is NaN. */
bool validation_run(void *validation, double *score, Failure *failure);

#endif
