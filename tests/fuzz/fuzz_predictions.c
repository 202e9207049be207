/*
 * Prediction files, and what is made of them: the order of rows, scores, the best segments.
 */
#include "harness.h"
#include "tensors.h"

#include "common/rank/best_segments.h"
#include "common/rank/predictions.h"

static bool take(void *context, uint32_t class, const uint32_t *rows, size_t count,
                 Failure *failure)
{
    const Predictions *predictions = context;
    (void)class;
    (void)failure;
    for (size_t i = 0; i < count; i++)
        CHECK(rows[i] < predictions->rows);
    return true;
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    Predictions predictions;
    uint32_t *ranks;
    (void)bytes;
    (void)size;
    bool ok = predictions_open(&predictions, INPUT, arena, &failure);
    check_outcome(ok, &failure);
    if (ok) {
        ok = predictions_ranks(&predictions, &ranks, arena, &failure);
        for (size_t row = 0; ok && row < predictions.rows; row++) {
            CHECK(ranks[row] < predictions.rows);
            touch(prediction_id(&predictions, row), prediction_id_length(&predictions, row));
            ok = prediction_scores(&predictions, row, &failure) != NULL;
        }
        ok = ok
            && best_segments(&predictions, 3, predictions.class, predictions.classes, take,
                             &predictions, *arena, &failure);
        check_outcome(ok, &failure);
    }
    predictions_close(&predictions);
}

const Harness harness = { "predictions", try, repair_tensors, 256, 1 << 20 };
