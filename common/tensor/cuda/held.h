/*
 * Held matrices: parameters stay where they are and products read them again and again. Where products
 * are computed in bfloat16 the device keeps a rounded copy of each, which the update writes beside the
 * parameter itself, so that no step rounds it anew.
 */
#ifndef PODIUM_TENSOR_CUDA_HELD_H
#define PODIUM_TENSOR_CUDA_HELD_H

#include "common/tensor/cuda/state.h"

typedef struct HeldMatrix {
    const float *data;
    size_t height, width;
    uint16_t *rounded; // [height, op_rounded_stride(width)]
    bool fresh;        // as the matrix is, by all that was asked for up to here
} HeldMatrix;

/* Device.hold */
bool cuda_hold(const Device *device, const float *data, size_t height, size_t width);

/* The held matrix that begins there; NULL: it isn't held. */
HeldMatrix *cuda_held(const DeviceState *state, const float *data);

/* What was written otherwise than by the update, and what is given back. */
void cuda_held_changed(const DeviceState *state, const void *memory, size_t bytes);
void cuda_held_release(DeviceState *state, const void *memory, size_t bytes);

/* Round those that aren't fresh: before a run that is recorded, and before each that is repeated. */
void cuda_held_refresh(DeviceState *state);

/*
 * Round a matrix to bfloat16; rows behind the valid ones become 0.
 *
 *   count, each  as in CudaMatrix
 *   to           [height, op_rounded_stride(width)]
 */
void cuda_round(DeviceState *state, const float *from, size_t height, size_t width,
                const uint32_t *count, size_t each, uint16_t *to);

#endif
