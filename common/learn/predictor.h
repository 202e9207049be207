/*
 * Predictor: the scores of a network for every video, or segment, of a source, streamed to a file.
 *
 * A prediction file is safetensors, for n videos (or segments) and c classes:
 *
 *   ids      U8 [n, width]   padded with zero bytes
 *   starts   I32 [n]         the second where a segment begins; -1: the whole video
 *   classes  U32 [c]         what the columns are
 *   scores   F32 [n, c]      probabilities
 *
 * in the order of the index, with metadata kind = predictions, format = 1. Memory is that of a few
 * batches, whatever n is.
 */
#ifndef PODIUM_LEARN_PREDICTOR_H
#define PODIUM_LEARN_PREDICTOR_H

#include "common/data/safetensors.h"
#include "common/learn/shifts.h"

#define PREDICTIONS_KIND "predictions"
#define PREDICTIONS_FORMAT "1"

typedef struct Predictor {
    const char *what; // "predict moe", for the progress line
    Feed feed;
    Tensor probabilities;
    Plan *plan;              // for inference, with the parameters bound
    LoaderSettings loader;   // of one source, in its order
    Shifts shifts;           // scores are means over these, of LOAD_ALL_SEGMENTS; { 0 }: none
    const uint32_t *classes; // [class_count] what to keep, ascending, borrowed; NULL: all
    size_t class_count;
} Predictor;

/* The scores of a batch: [batch->count, classes kept]; valid until it returns. */
typedef bool PredictorVisit(void *context, const Batch *batch, const real *scores,
                            Failure *failure);

/*
 * Call visit for each batch, in order.
 *
 *   failure  EX_DATAERR: what the loader says, or a score that is not a number (names the video);
 *            what visit says
 */
bool predictor_each(const Predictor *predictor, PredictorVisit *visit, void *context, Arena scratch,
                    Failure *failure);

/*
 * Write the predictions.
 *
 *   writer   holds what the caller noted; its arena serves as working space
 *   failure  as predictor_each
 */
bool predictor_run(const Predictor *predictor, SafetensorsWriter *writer, AtomicFile *file,
                   Failure *failure);

#endif
