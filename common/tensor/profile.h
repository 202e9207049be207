/*
 * Profile: where a plan's time goes, op by op, beside what the device could do.
 *
 * Bytes are those that an op can't do without: its inputs and its output once each; backward, the
 * gradients and what it reads again. Operations are the multiplications and additions of products
 * (Op.operations); element-wise work is bound by bytes and counts none. The limit of an op is the
 * longer of the times that its bytes and its operations take at the device's measured rates.
 */
#ifndef PODIUM_TENSOR_PROFILE_H
#define PODIUM_TENSOR_PROFILE_H

#include "common/tensor/plan.h"

#include <stdio.h>

/* What a device does in a second at best. */
typedef struct DeviceLimits {
    double operations; // of one large product
    double bytes;      // read and written from and to its memory
} DeviceLimits;

/* Measure ops one by one from now on: a device that isn't the host is waited for after each. */
void plan_measure(Plan *plan);

/*
 * Measure a device's limits: one large product and one pass over more than its caches hold, the best of
 * several rounds. Takes seconds on a CPU, 256 MiB, and so much of the arena.
 *
 *   failure  EX_OSERR: no memory
 */
bool device_limits(DeviceLimits *limits, const Device *device, Arena arena, Failure *failure);

/*
 * Print a table of ops, forward and backward of one run each: calls, milliseconds, share of the time,
 * megabytes, giga-operations, and their rates; with limits, which share of the possible speed that is.
 * Then the sums, of the ops that are products and of all.
 *
 *   limits  NULL: not known
 */
void plan_profile(const Plan *plan, const DeviceLimits *limits, FILE *to);

#endif
