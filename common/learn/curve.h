/*
 * Curve: what training looked like, as a deterministic table.
 *
 *   step,samples,loss,learning_rate,validation_gap      or validation_map: the metric's name
 *
 * A row has the mean loss over the steps since the row before, and the score of a validation where
 * there was one, else nothing.
 */
#ifndef PODIUM_LEARN_CURVE_H
#define PODIUM_LEARN_CURVE_H

#include "common/base/file.h"

typedef struct CurveRow {
    double step, samples, loss, learning_rate, validation; // the last: NAN for none
} CurveRow;

#define CURVE_COLUMNS (sizeof(CurveRow) / sizeof(double))

typedef struct Curve {
    CurveRow *rows;
    size_t count, capacity;
} Curve;

/* Room for `capacity` rows, in the arena. */
bool curve_create(Curve *curve, size_t capacity, Arena *arena, Failure *failure);

/* Append a row. What doesn't fit is our own mistake. */
void curve_add(Curve *curve, CurveRow row);

/* Write the table; numbers have nine digits, which say a float exactly. */
bool curve_write(const Curve *curve, const char *metric, AtomicFile *file, Failure *failure);

#endif
