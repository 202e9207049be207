/*
 * Which GPU a step gets. It takes one that no other step of this machine has, by a lock on a file
 * that is named by the GPU's place on the bus: CUDA_VISIBLE_DEVICES, and what binds a cluster's job to
 * its GPUs, number them anew. The kernel gives the lock back when the process ends, however it does.
 */
#include "common/tensor/cuda/state.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#define MOST_GPUS 64
#define SM_LEAST 70
#define SM_BF16 80 // the first whose tensor cores, and cuBLASLt, multiply bfloat16

/* A file that all users of the machine can lock: it is opened for reading, and never written. */
static int open_lock(const char *bus)
{
    char path[256];
    snprintf(path, sizeof path, "/tmp/podium-gpu-%s.lock", bus);
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (file < 0 && errno == ENOENT)
        file = open(path, O_RDONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0444);
    return file >= 0 ? file : open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
}

/* Whether GPU `number` could be had; without a place for locks every GPU can. */
static bool take(struct DeviceState *state, int number)
{
    char bus[64] = "";
    if (cudaDeviceGetPCIBusId(bus, sizeof bus, number) != cudaSuccess)
        return true;
    state->lock = open_lock(bus);
    if (state->lock < 0 || flock(state->lock, LOCK_EX | LOCK_NB) == 0)
        return true;
    close(state->lock);
    state->lock = -1;
    return false;
}

/* GPUs of one kind make the same bits. */
static bool same_kind(const cudaDeviceProp *a, const cudaDeviceProp *b)
{
    return a->major == b->major && a->minor == b->minor
        && a->multiProcessorCount == b->multiProcessorCount;
}

/* The first free one of the kind; waits where all are taken. */
static int wait_for_one(struct DeviceState *state, int count)
{
    struct timespec moment = { 0, 200 * 1000 * 1000 };
    cudaDeviceProp chip;
    for (bool said = false;; said = true) {
        for (int number = 0; number < count && number < MOST_GPUS; number++)
            if (cudaGetDeviceProperties(&chip, number) == cudaSuccess
                && same_kind(&chip, &state->chip) && take(state, number))
                return number;
        if (!said)
            fprintf(stderr, "waiting for a GPU: other steps have all %d\n", count);
        nanosleep(&moment, nullptr);
    }
}

bool cuda_find(struct DeviceState *state, Failure *failure)
{
    int count = 0;
    cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaSuccess && count > 0)
        error = cudaGetDeviceProperties(&state->chip, 0);
    if (error != cudaSuccess || count == 0)
        return cuda_fail(failure, EX_UNAVAILABLE, "there is no GPU that can be used (%s)",
                         error != cudaSuccess ? cudaGetErrorString(error) : "none is visible");
    int sm = 10 * state->chip.major + state->chip.minor;
    if (state->precision == PRECISION_BF16 && sm < SM_BF16)
        return cuda_fail(failure, EX_UNAVAILABLE,
                         "%s (sm_%d) doesn't multiply bfloat16; use --precision float32",
                         state->chip.name, sm);
    return sm >= SM_LEAST
        || cuda_fail(failure, EX_UNAVAILABLE, "%s is too old (sm_%d); sm_%d or newer is needed",
                     state->chip.name, sm, SM_LEAST);
}

bool cuda_choose(struct DeviceState *state, Failure *failure)
{
    int count = 0;
    cudaError_t error = cudaGetDeviceCount(&count);
    if (error == cudaSuccess) {
        state->number = wait_for_one(state, count);
        error = cudaSetDevice(state->number);
    }
    return error == cudaSuccess
        || cuda_fail(failure, EX_UNAVAILABLE, "GPU %d can't be used: %s", state->number,
                     cudaGetErrorString(error));
}
