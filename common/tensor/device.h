/*
 * Device: what runs a plan's ops. The CPU is always there; CUDA is a plugin that is loaded only
 * when a step runs on a GPU. Models, losses and the training loop know neither.
 *
 * A device computes in memory of its own. On the CPU (`is_host`) this is the host's, and whatever is
 * asked for is done when the call returns. Another device does it later, in the order of the calls,
 * and the host waits only where it says so: download, sum_of_squares, feed_begin, feed_wait.
 */
#ifndef PODIUM_TENSOR_DEVICE_H
#define PODIUM_TENSOR_DEVICE_H

#include "common/tensor/op.h"
#include "common/tensor/update.h"

#include <stdio.h>

typedef struct Device Device;

/* A source file of a plugin and the hash of its object code: what unit.h is for the program's own. */
typedef struct DeviceUnit {
    const char *path; // NULL ends a table
    const char *sha256;
} DeviceUnit;

/*
 * A way to a device for what every run brings anew: two blocks on the host that the device can read
 * from at full speed, each with its copy on the device. While one run computes from its block, the
 * next one's is filled and sent.
 */
typedef struct DeviceFeed {
    char *host[2], *memory[2];
    RunResult *result_host[2],
        *result;       // what a run has to say, and where it writes it on the device
    char *returned[2]; // on the host: what of a run's memory is to come back
    size_t bytes, returned_bytes;
    struct DeviceFeedState *state;
} DeviceFeed;

/* A run that was recorded: all that was asked of the device between record_begin and record_end. */
typedef struct DeviceRecord DeviceRecord;

/* The parameters that an update goes over, prepared once. */
typedef struct DeviceUpdater DeviceUpdater;

struct Device {
    const char *name;        // "cpu", "cuda"
    const char *numerics;    // what decides its bits: profile, library, kernels; a field of the key
    const DeviceUnit *units; // of the plugin; NULL: the program has them
    const struct Blas *blas;
    struct DeviceState *state; // the plugin's
    bool is_host;
    bool overwrites; // every op's backward heeds OpRun.accumulate, for every input
    bool fuses;      // ops absorb others (Op.absorbs)
    bool rounds;     // factors of products are rounded to bfloat16 (Op.multiplies)

    bool (*begin)(Device *device, Failure *failure);       // see device_begin; NULL: nothing to do
    void *(*allocate)(const Device *device, size_t bytes); // NULL: can't be had
    void (*release)(const Device *device, void *memory, size_t bytes);
    size_t (*free_bytes)(const Device *device); // that could be had now; 0: nobody knows
    /*
     * A matrix in the device's memory that stays, and that products will read again and again: the device
     * may keep a form of it that they read faster, until its memory is released. False: no memory.
     */
    bool (*hold)(const Device *device, const real *matrix, size_t height, size_t width);
    size_t (*workspace_bytes)(const Device *device, const OpRun *run); // of an op with these rows
    void (*forward)(const Device *device, const OpRun *run);
    void (*backward)(const Device *device, const OpRun *run);
    /* sum += the valid rows of x, one number each */
    void (*add_sum)(const Device *device, double *sum, const OpTensor *x);
    /* total += weight times the mean of all rows of x's batch, whose sum that is; 0 where there are none */
    void (*add_mean)(const Device *device, double *total, const double *sum, const OpTensor *x,
                     double weight);
    /* total += weight times the sum of squares */
    void (*add_squares)(const Device *device, double *total, const real *x, size_t n,
                        double weight);
    /* each valid row of the gradient += weight shared among all rows of the batch */
    void (*add_share)(const Device *device, const OpTensor *x, double weight);
    double (*sum_of_squares)(const Device *device, const real *x, size_t n);
    void (*add_scaled)(const Device *device, real *y, const real *x, real scale,
                       size_t n); // y += scale x
    void (*clear)(const Device *device, void *x, size_t bytes);
    void (*update)(const Device *device, const Update *update);
    void (*upload)(const Device *device, void *to, const void *from, size_t bytes);
    void (*download)(const Device *device, void *to, const void *from, size_t bytes);
    /* Whether all went well up to here. EX_UNAVAILABLE: the device failed; says how. */
    bool (*check)(const Device *device, Failure *failure);
    void (*close)(Device *device);

    /* ---- what only a device that is not the host has ---- */
    bool (*feed_open)(const Device *device, DeviceFeed *feed, size_t bytes, size_t returned_bytes);
    void (*feed_close)(const Device *device, DeviceFeed *feed);
    void (*feed_begin)(const Device *device, DeviceFeed *feed,
                       int turn); // its block may be written
    void (*feed_send)(const Device *device, DeviceFeed *feed, int turn, size_t offset,
                      size_t bytes);
    void (*feed_sent)(const Device *device, DeviceFeed *feed,
                      int turn); // runs wait for what was sent
    void (*feed_return)(const Device *device, DeviceFeed *feed, int turn, size_t offset,
                        const void *from, size_t bytes); // of the run that was asked for
    void (*feed_used)(const Device *device, DeviceFeed *feed, int turn); // the run was asked for
    /* The run's result_host and what it returned are there. EX_UNAVAILABLE: the device failed; says how. */
    bool (*feed_wait)(const Device *device, const DeviceFeed *feed, int turn, Failure *failure);
    void (*record_begin)(const Device *device);
    DeviceRecord *(*record_end)(const Device *device); // NULL: it can't be recorded
    void (*record_run)(const Device *device, DeviceRecord *record);
    void (*record_close)(const Device *device, DeviceRecord *record);
    DeviceUpdater *(*updater_open)(const Device *device, const UpdateSlot slots[], size_t count);
    /* numbers and result are the device's memory */
    void (*updater_run)(const Device *device, DeviceUpdater *updater, const UpdateNumbers *numbers,
                        RunResult *result);
    void (*updater_close)(const Device *device, DeviceUpdater *updater);
};

/*
 * Open the CPU: loads OpenBLAS with the kernels of the numerics profile that the program was
 * compiled for. Takes milliseconds; nothing to close.
 *
 *   device   lives in the arena
 *   failure  EX_UNAVAILABLE: OpenBLAS can't be loaded, or the CPU lacks the profile's instructions
 */
bool device_open_cpu(Device *device, Arena *arena, Failure *failure);

/* Run one direction of an op on the CPU: its phases, in parallel over their pieces. */
void cpu_forward(const Device *device, const OpRun *run);
void cpu_backward(const Device *device, const OpRun *run);

/*
 * Take what computing needs: until then a device only says its numerics, so that a step which has
 * nothing to do takes no GPU from others. Waits while other steps have all GPUs.
 *
 *   failure  EX_UNAVAILABLE: says what could not be had
 */
bool device_begin(Device *device, Failure *failure);

/*
 * fail with EX_OSERR: memory that the device could not give.
 *
 *   what     "a plan"
 *   smaller  the options that make it smaller
 *   failure  "out of memory: a plan of 900 MiB, and 800 MiB of cuda are free; a smaller --batch-size ..."
 */
bool device_refuse(const Device *device, const char *what, size_t bytes, const char *smaller,
                   Failure *failure);

/* Give a device back. Does nothing on { 0 }. */
void device_close(Device *device);

#endif
