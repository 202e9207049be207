/*
 * Published numbers: what the papers reported, to stand beside ours.
 *
 *   Row,Metric,Value,Source      distilled/resnet-like,gap,0.85846,"4th of 2018, table 1"
 */
#ifndef PODIUM_REPORT_PUBLISHED_H
#define PODIUM_REPORT_PUBLISHED_H

#include "common/report/score.h"

typedef struct Published {
    const char *row, *source;
    Metric metric;
    double value;
} Published;

typedef struct PublishedNumbers {
    Published *numbers;
    size_t count;
} PublishedNumbers;

/* Read all of them into the arena. EX_NOINPUT. EX_DATAERR: says line and column. */
bool published_read(PublishedNumbers *published, const char *path, Arena *arena, Failure *failure);

/* What was published of a row, or NULL. */
const Published *published_find(const PublishedNumbers *published, const char *row, Metric metric);

#endif
