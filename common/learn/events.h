/*
 * Events: scalars by step in a file that TensorBoard reads while it grows.
 *
 *   file    = TFRecords of Event
 *   Event   = 1: wall_time double | 2: step int64 | 3: file_version string | 5: Summary
 *   Summary = 1: Value *          Value = 1: tag string | 2: simple_value float
 *
 * The first event holds the version, "brain.Event:2". It is a log: what can't be written is lost
 * without a word, and no step fails because of it.
 *
 * Source: TensorFlow, core/util/event.proto and core/framework/summary.proto.
 */
#ifndef PODIUM_LEARN_EVENTS_H
#define PODIUM_LEARN_EVENTS_H

#include <stdint.h>
#include <stdio.h>

typedef struct Events {
    FILE *file; // NULL: nothing is written
} Events;

/*
 * Begin a file anew. Close it with events_close.
 *
 *   wall_time  seconds since 1970, here and below
 */
void events_open(Events *events, const char *path, double wall_time);
void events_close(Events *events);

/* Append one scalar and hand it to the system. `tag` has at most 100 bytes. */
void events_scalar(Events *events, double wall_time, uint64_t step, const char *tag, float value);

#endif
