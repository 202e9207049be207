/*
 * Vector: an array that grows, for tables whose length is known only at their end.
 */
#ifndef PODIUM_RANK_VECTOR_H
#define PODIUM_RANK_VECTOR_H

#include "common/base/failure.h"

#include <stdlib.h>

typedef struct Vector {
    void *items;
    size_t count, capacity;
} Vector;

/* Room for one more item of `size` bytes, counted already; NULL with EX_OSERR. */
static inline void *vector_add(Vector *vector, size_t size, Failure *failure)
{
    if (vector->count == vector->capacity) {
        size_t capacity = vector->capacity ? 2 * vector->capacity : 256, bytes;
        void *items =
            __builtin_mul_overflow(capacity, size, &bytes) ? NULL : realloc(vector->items, bytes);
        if (!items) {
            fail(failure, EX_OSERR, "out of memory for %zu rows", capacity);
            return NULL;
        }
        vector->items = items;
        vector->capacity = capacity;
    }
    return (char *)vector->items + size * vector->count++;
}

static inline void vector_free(Vector *vector)
{
    free(vector->items);
    *vector = (Vector){ 0 };
}

#endif
