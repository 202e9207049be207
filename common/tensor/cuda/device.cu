#include "common/tensor/cuda/held.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool cuda_fail(Failure *failure, int code, const char *format, ...)
{
    va_list arguments;
    if (failure->code != EX_OK)
        return false;
    failure->code = code;
    va_start(arguments, format);
    vsnprintf(failure->message, sizeof failure->message, format, arguments);
    va_end(arguments);
    return false;
}

static void keep_failure(struct DeviceState *state, const char *what, const char *why)
{
    if (!state->failed[0])
        snprintf(state->failed, sizeof state->failed, "%s: %s", what, why);
}

bool cuda_well(struct DeviceState *state, cudaError_t error, const char *what)
{
    if (error != cudaSuccess)
        keep_failure(state, what, cudaGetErrorString(error));
    return error == cudaSuccess;
}

bool cublas_well(struct DeviceState *state, cublasStatus_t status, const char *what)
{
    if (status != CUBLAS_STATUS_SUCCESS)
        keep_failure(state, what, cublasLtGetStatusString(status));
    return status == CUBLAS_STATUS_SUCCESS;
}

/* ---- memory ---- */

static void *allocate(const Device *device, size_t bytes)
{
    void *memory = nullptr;
    (void)device;
    if (cudaMalloc(&memory, bytes ? bytes : 1) == cudaSuccess)
        return memory;
    cudaGetLastError(); // the caller says what was asked for: it is no failure of the device
    return nullptr;
}

static void release(const Device *device, void *memory, size_t bytes)
{
    cuda_held_release(device->state, memory, bytes);
    cuda_well(device->state, cudaStreamSynchronize(device->state->stream), "waiting");
    cuda_well(device->state, cudaFree(memory), "giving memory back");
}

static size_t free_bytes(const Device *device)
{
    size_t there = 0, all = 0;
    return cuda_well(device->state, cudaMemGetInfo(&there, &all), "asking for memory") ? there : 0;
}

static void clear(const Device *device, void *x, size_t bytes)
{
    cuda_held_changed(device->state, x, bytes);
    if (bytes > 0)
        cuda_well(device->state, cudaMemsetAsync(x, 0, bytes, device->state->stream), "clearing");
}

/* Both wait: what they are for is not in a hurry, and the host's memory is not pinned. */
static void copy(const Device *device, void *to, const void *from, size_t bytes,
                 cudaMemcpyKind kind, const char *what)
{
    struct DeviceState *state = device->state;
    if (bytes > 0 && cuda_well(state, cudaMemcpyAsync(to, from, bytes, kind, state->stream), what))
        cuda_well(state, cudaStreamSynchronize(state->stream), what);
}

static void upload(const Device *device, void *to, const void *from, size_t bytes)
{
    cuda_held_changed(device->state, to, bytes);
    copy(device, to, from, bytes, cudaMemcpyHostToDevice, "a copy to the device");
}

static void download(const Device *device, void *to, const void *from, size_t bytes)
{
    copy(device, to, from, bytes, cudaMemcpyDeviceToHost, "a copy from the device");
}

static bool check(const Device *device, Failure *failure)
{
    struct DeviceState *state = device->state;
    cuda_well(state, cudaStreamSynchronize(state->stream), "waiting");
    return !state->failed[0]
        || cuda_fail(failure, EX_UNAVAILABLE, "%s: %s", state->chip.name, state->failed);
}

/* ---- opening ---- */

static const char *const precision_names[] = { "float32", "tf32", "bf16" };

/* "cuda sm_90 H200 132 SMs, cuBLASLt 13.0.2, float32": what decides bits. */
static void describe(struct DeviceState *state)
{
    size_t version = cublasLtGetVersion();
    snprintf(state->numerics, sizeof state->numerics,
             "cuda sm_%d%d %d multiprocessors, cuBLASLt %zu, %s", state->chip.major,
             state->chip.minor, state->chip.multiProcessorCount, version,
             precision_names[state->precision]);
}

static bool open_streams(struct DeviceState *state)
{
    return cuda_well(state, cudaStreamCreateWithFlags(&state->stream, cudaStreamNonBlocking),
                     "opening a stream")
        && cuda_well(state, cudaStreamCreateWithFlags(&state->copies, cudaStreamNonBlocking),
                     "opening a stream")
        && cuda_well(state, cudaMalloc(&state->blas_workspace, BLAS_WORKSPACE), "opening cuBLAS")
        && cuda_well(
               state,
               cudaMalloc((void **)&state->partial, (PARTIAL_SUMS + 1) * sizeof *state->partial),
               "opening")
        && cublas_well(state, cublasLtCreate(&state->blas), "opening cuBLAS");
}

static void close_state(struct DeviceState *state)
{
    if (state->blas)
        cublasLtDestroy(state->blas);
    cudaFree(state->blas_workspace);
    cudaFree(state->partial);
    if (state->stream)
        cudaStreamDestroy(state->stream);
    if (state->copies)
        cudaStreamDestroy(state->copies);
    if (state->lock >= 0)
        close(state->lock);
    free(state->held);
    free(state);
}

static void close_device(Device *device)
{
    close_state(device->state);
    memset(device, 0, sizeof *device);
}

static bool begin(Device *device, Failure *failure)
{
    struct DeviceState *state = device->state;
    if (!cuda_choose(state, failure))
        return false;
    return open_streams(state)
        || cuda_fail(failure, EX_UNAVAILABLE, "%s: %s", state->chip.name, state->failed);
}

static void fill(Device *device, struct DeviceState *state)
{
    memset(device, 0, sizeof *device);
    device->name = "cuda";
    device->numerics = state->numerics;
    device->units = cuda_units;
    device->state = state;
    device->overwrites = true;
    device->fuses = true;
    device->begin = begin;
    device->rounds = state->precision == PRECISION_BF16;
    device->allocate = allocate;
    device->hold = cuda_hold;
    device->release = release;
    device->free_bytes = free_bytes;
    device->workspace_bytes = cuda_workspace_bytes;
    device->forward = cuda_forward;
    device->backward = cuda_backward;
    device->add_sum = cuda_add_sum;
    device->add_mean = cuda_add_mean;
    device->add_squares = cuda_add_squares;
    device->add_share = cuda_add_share;
    device->sum_of_squares = cuda_sum_of_squares;
    device->add_scaled = cuda_add_scaled;
    device->clear = clear;
    device->update = cuda_update;
    device->upload = upload;
    device->download = download;
    device->check = check;
    device->close = close_device;
    device->feed_open = cuda_feed_open;
    device->feed_close = cuda_feed_close;
    device->feed_begin = cuda_feed_begin;
    device->feed_send = cuda_feed_send;
    device->feed_sent = cuda_feed_sent;
    device->feed_return = cuda_feed_return;
    device->feed_used = cuda_feed_used;
    device->feed_wait = cuda_feed_wait;
    device->record_begin = cuda_record_begin;
    device->record_end = cuda_record_end;
    device->record_run = cuda_record_run;
    device->record_close = cuda_record_close;
    device->updater_open = cuda_updater_open;
    device->updater_run = cuda_updater_run;
    device->updater_close = cuda_updater_close;
}

bool podium_cuda_open(Device *device, const PluginLayout *layout, Precision precision,
                      Failure *failure)
{
    static const PluginLayout own = PLUGIN_LAYOUT;
    if (memcmp(layout, &own, sizeof own) != 0)
        return cuda_fail(failure, EX_CONFIG,
                         "the CUDA plugin and this program come from different builds; run make");
    struct DeviceState *state = (struct DeviceState *)calloc(1, sizeof *state);
    if (!state)
        return cuda_fail(failure, EX_OSERR, "out of memory");
    state->lock = -1;
    state->precision = precision;
    if (!cuda_find(state, failure)) {
        close_state(state);
        return false;
    }
    describe(state);
    fill(device, state);
    return true;
}
