/*
 * Predictions: scores of videos or segments by class, dense.
 *
 * A safetensors artifact that is mapped and streamed; for n rows and c classes:
 *
 *   classes U32 [c]      ascending        scores F32 [n, c]
 *   starts  I32 [n]      start of the segment in seconds; -1 for a whole video
 *   ids     U8 [n, W]    of the videos, padded with zero bytes
 *
 * Metadata: kind = predictions, format = 1. No row (id and start) is there twice.
 */
#ifndef PODIUM_RANK_PREDICTIONS_H
#define PODIUM_RANK_PREDICTIONS_H

#include "common/data/safetensors.h"

#define PREDICTIONS_WHOLE_VIDEO (-1)

typedef struct Predictions {
    SafetensorsReader file;
    const char *path; // borrowed
    size_t rows, classes, id_bytes;
    const uint32_t *class; // [classes]
    const int32_t *start;  // [rows]
    const char *id;        // [rows, id_bytes]
    const float *scores;   // [rows, classes]
} Predictions;

/*
 * Map a prediction file and check its tables; the scores are not read. Close it with
 * predictions_close.
 *
 *   failure  EX_NOINPUT. EX_DATAERR: not predictions, tables that don't fit each other, classes
 *            that don't ascend, an empty id, a start below -1
 */
bool predictions_open(Predictions *predictions, const char *path, Arena *arena, Failure *failure);
void predictions_close(Predictions *predictions);

static inline const char *prediction_id(const Predictions *predictions, size_t row)
{
    return predictions->id + row * predictions->id_bytes;
}
size_t prediction_id_length(const Predictions *predictions, size_t row);

/* The scores of a row. NaN is refused by the row's name: EX_DATAERR, NULL. */
const float *prediction_scores(const Predictions *predictions, size_t row, Failure *failure);

/* Give back the memory of the rows before `row`: a long file isn't kept in memory. */
void predictions_release(Predictions *predictions, size_t row);

/*
 * The rank of each row in the order of ids (by bytes), then starts.
 *
 *   ranks    [rows], in the arena
 *   failure  EX_DATAERR: a row is there twice
 */
bool predictions_ranks(const Predictions *predictions, uint32_t **ranks, Arena *arena,
                       Failure *failure);

/*
 * Begin a prediction file with the rows and classes of `like` (of which path and scores are not
 * used; the others are borrowed until the end). Then append the scores, row by row in order, with
 * safetensors_write(writer, "scores", ...), and finish with safetensors_finish.
 */
bool predictions_start(SafetensorsWriter *writer, const Predictions *like, AtomicFile *file,
                       Failure *failure);

#endif
