/*
 * Population: the samples of all of a loader's sources, numbered one after another.
 */
#ifndef PODIUM_DATA_POPULATION_H
#define PODIUM_DATA_POPULATION_H

#include "common/data/loader.h"

/* One item of the population. */
typedef struct Item {
    uint32_t source, record;
    uint32_t start;   // of a segment; 0 for records
    uint64_t segment; // number of a rated segment in its index
} Item;

/* How many items a source has. */
uint64_t population_of(const LoaderSettings *settings, size_t source);

/* The item at a place of the population. */
Item population_item(const LoaderSettings *settings, uint64_t place);

#endif
