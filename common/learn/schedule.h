/*
 * Schedules: the learning rate as training goes on.
 *
 *   constant   lr0
 *   staircase  lr0 decay^floor(samples / decay_samples)
 *   smooth     lr0 decay^(samples / decay_samples)
 *   plateau    lr0, times `factor` whenever a badness (1 - score of a validation set) has not fallen
 *              below (1 - threshold) times its best for more than `patience` validations in a row
 *
 * Source: spec/models 2.6; plateau as PyTorch's ReduceLROnPlateau with its relative threshold.
 */
#ifndef PODIUM_LEARN_SCHEDULE_H
#define PODIUM_LEARN_SCHEDULE_H

#include <stdint.h>

typedef enum ScheduleKind {
    SCHEDULE_CONSTANT,
    SCHEDULE_STAIRCASE,
    SCHEDULE_SMOOTH,
    SCHEDULE_PLATEAU
} ScheduleKind;

#define SCHEDULE_KINDS "constant|staircase|smooth|plateau" // in the order of the enumeration

typedef struct ScheduleSettings {
    ScheduleKind kind;
    double learning_rate;        // lr0
    double decay, decay_samples; // staircase, smooth
    double factor, threshold;    // plateau
    uint64_t patience;           // plateau
} ScheduleSettings;

typedef struct Schedule {
    ScheduleSettings settings;
    double scale; // plateau: the product of all reductions so far
    double best;  // plateau: the least badness so far; INFINITY before the first
    uint64_t bad; // plateau: validations since then that were no better
} Schedule;

Schedule schedule_begin(ScheduleSettings settings);

/* The rate of a step before which `samples` samples were seen. */
double schedule_rate(const Schedule *schedule, uint64_t samples);

/* Tell the schedule what a validation said. Does nothing but for plateau. */
void schedule_validated(Schedule *schedule, double badness);

#endif
