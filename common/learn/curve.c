#include "common/learn/curve.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>

bool curve_create(Curve *curve, size_t capacity, Arena *arena, Failure *failure)
{
    *curve = (Curve){ .capacity = capacity };
    return arena_array(arena, curve->rows, capacity, failure);
}

void curve_add(Curve *curve, CurveRow row)
{
    assert(curve->count < curve->capacity);
    if (curve->count < curve->capacity)
        curve->rows[curve->count++] = row;
}

/* A number, or nothing where there is none, and what follows it. */
static bool print_number(AtomicFile *file, double number, const char *after, Failure *failure)
{
    return isnan(number) ? atomic_file_print(file, failure, "%s", after)
                         : atomic_file_print(file, failure, "%.9g%s", number, after);
}

bool curve_write(const Curve *curve, const char *metric, AtomicFile *file, Failure *failure)
{
    bool ok =
        atomic_file_print(file, failure, "step,samples,loss,learning_rate,validation_%s\n", metric);
    for (size_t i = 0; i < curve->count && ok; i++) {
        const CurveRow *row = &curve->rows[i];
        ok = atomic_file_print(file, failure, "%.0f,%.0f,", row->step, row->samples)
            && print_number(file, row->loss, ",", failure)
            && print_number(file, row->learning_rate, ",", failure)
            && print_number(file, row->validation, "\n", failure);
    }
    return ok;
}
