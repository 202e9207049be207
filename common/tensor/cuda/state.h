/*
 * What the CUDA plugin knows of its device: chip, streams, libraries. One for each process.
 */
#ifndef PODIUM_TENSOR_CUDA_STATE_H
#define PODIUM_TENSOR_CUDA_STATE_H

#include "common/tensor/cuda/plugin.h"

#include <cublasLt.h>
#include <cuda_runtime.h>

/* Hopper's kernels want 32 MiB; more changes nothing. One workspace, always the same: same bits. */
#define BLAS_WORKSPACE ((size_t)32 << 20)
#define PARTIAL_SUMS 1024 // of sums over long arrays

struct DeviceState {
    int number; // among those that this process sees
    cudaDeviceProp chip;
    char numerics[160];
    Precision precision;
    cudaStream_t stream, copies; // what is computed, what is sent
    cublasLtHandle_t blas;
    void *blas_workspace;
    double *partial;         // [PARTIAL_SUMS], and one for their sum
    struct HeldMatrix *held; // [held_count]
    size_t held_count;
    int lock;         // file descriptor of the GPU's lock; -1: none
    char failed[256]; // what CUDA said first; "": nothing went wrong
};

/* Keep the first thing that went wrong; true where nothing did. */
bool cuda_well(struct DeviceState *state, cudaError_t error, const char *what);
bool cublas_well(struct DeviceState *state, cublasStatus_t status, const char *what);

/* fail(), which the program has and a plugin can't reach. */
bool cuda_fail(Failure *failure, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Look at the first GPU that this process sees: fills chip. EX_UNAVAILABLE: says why there is none. */
bool cuda_find(struct DeviceState *state, Failure *failure);

/* Take a GPU of that kind that no other step has: fills number and lock. */
bool cuda_choose(struct DeviceState *state, Failure *failure);

/* ---- parts of the device's interface (device.h), by file ---- */

void cuda_forward(const Device *device, const OpRun *run);
void cuda_backward(const Device *device, const OpRun *run);
size_t cuda_workspace_bytes(const Device *device, const OpRun *run);

void cuda_add_sum(const Device *device, double *sum, const OpTensor *x);
void cuda_add_mean(const Device *device, double *total, const double *sum, const OpTensor *x,
                   double weight);
void cuda_add_squares(const Device *device, double *total, const float *x, size_t n, double weight);
void cuda_add_share(const Device *device, const OpTensor *x, double weight);
double cuda_sum_of_squares(const Device *device, const float *x, size_t n);
void cuda_add_scaled(const Device *device, float *y, const float *x, float scale, size_t n);

void cuda_update(const Device *device, const Update *update);
DeviceUpdater *cuda_updater_open(const Device *device, const UpdateSlot slots[], size_t count);
void cuda_updater_run(const Device *device, DeviceUpdater *updater, const UpdateNumbers *numbers,
                      RunResult *result);
void cuda_updater_close(const Device *device, DeviceUpdater *updater);

bool cuda_feed_open(const Device *device, DeviceFeed *feed, size_t bytes, size_t returned_bytes);
void cuda_feed_close(const Device *device, DeviceFeed *feed);
void cuda_feed_begin(const Device *device, DeviceFeed *feed, int turn);
void cuda_feed_send(const Device *device, DeviceFeed *feed, int turn, size_t offset, size_t bytes);
void cuda_feed_sent(const Device *device, DeviceFeed *feed, int turn);
void cuda_feed_return(const Device *device, DeviceFeed *feed, int turn, size_t offset,
                      const void *from, size_t bytes);
void cuda_feed_used(const Device *device, DeviceFeed *feed, int turn);
bool cuda_feed_wait(const Device *device, const DeviceFeed *feed, int turn, Failure *failure);

void cuda_record_begin(const Device *device);
DeviceRecord *cuda_record_end(const Device *device);
void cuda_record_run(const Device *device, DeviceRecord *record);
void cuda_record_close(const Device *device, DeviceRecord *record);

#endif
