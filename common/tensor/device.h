/*
 * Device: what runs a plan's ops. The CPU is always there; CUDA is a plugin that is loaded only
 * when a step runs on a GPU. Models, losses and the training loop know neither.
 */
#ifndef PODIUM_TENSOR_DEVICE_H
#define PODIUM_TENSOR_DEVICE_H

#include "common/tensor/op.h"
#include "common/tensor/update.h"

#include <stdio.h>

typedef struct Device {
    const char *name;     // "cpu"
    const char *numerics; // what decides its bits: profile, library, kernels; a field of the key
    const struct Blas *blas;
    void *(*allocate)(size_t bytes); // NULL: can't be had
    void (*release)(void *memory, size_t bytes);
    void (*forward)(const OpRun *run);
    void (*backward)(const OpRun *run);
    double (*sum)(const real *x, size_t n);
    double (*sum_of_squares)(const real *x, size_t n);
    void (*add_scaled)(real *y, const real *x, real scale, size_t n); // y += scale x
    void (*clear)(real *x, size_t n);
    void (*update)(const Update *update);
    void (*upload)(void *to, const void *from, size_t bytes);   // from the host to the device
    void (*download)(void *to, const void *from, size_t bytes); // from the device to the host
} Device;

/*
 * Open the CPU: loads OpenBLAS with the kernels of the numerics profile that the program was
 * compiled for. Takes milliseconds; nothing to close.
 *
 *   device   lives in the arena
 *   failure  EX_UNAVAILABLE: OpenBLAS can't be loaded, or the CPU lacks the profile's instructions
 */
bool device_open_cpu(Device *device, Arena *arena, Failure *failure);

/* Run one direction of an op on the CPU: its phases, in parallel over their pieces. */
void cpu_forward(const OpRun *run);
void cpu_backward(const OpRun *run);

#endif
