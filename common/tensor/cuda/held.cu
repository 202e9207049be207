#include "common/tensor/cuda/held.h"
#include "common/tensor/cuda/kernel.cuh"
#include "common/tensor/cuda/round.cuh"

#include <stdlib.h>

#define MOST_ELEMENTS ((size_t)UINT32_MAX) // the update counts them in 32 bits

namespace
{

__global__ void round_rows(const float *from, size_t height, size_t width, const uint32_t *count,
                           size_t each, uint16_t *to, size_t stride)
{
    size_t valid = count ? *count * each : height;
    for (size_t row = blockIdx.x; row < height; row += gridDim.x)
        for (size_t j = threadIdx.x; j < stride; j += blockDim.x)
            to[row * stride + j] =
                row < valid && j < width ? bfloat16_of(from[row * width + j]) : 0;
}

bool meets(const HeldMatrix *held, const void *memory, size_t bytes)
{
    const char *begin = (const char *)held->data, *other = (const char *)memory;
    const char *end = begin + held->height * held->width * sizeof *held->data;
    return begin < other + bytes && other < end;
}

} // namespace

void cuda_round(DeviceState *state, const float *from, size_t height, size_t width,
                const uint32_t *count, size_t each, uint16_t *to)
{
    size_t stride = op_rounded_stride(width);
    CUDA_LAUNCH(round_rows, cuda_blocks(height), stride < BLOCK ? 64 : BLOCK, state->stream, from,
                height, width, count, each, to, stride);
}

bool cuda_hold(const Device *device, const float *data, size_t height, size_t width)
{
    DeviceState *state = device->state;
    if (state->precision != PRECISION_BF16 || height > MOST_ELEMENTS / width)
        return true;
    HeldMatrix own = { data, height, width, nullptr, false };
    HeldMatrix *all =
        (HeldMatrix *)realloc(state->held, (state->held_count + 1) * sizeof *state->held);
    if (!all)
        return false;
    state->held = all;
    own.rounded = (uint16_t *)device->allocate(
        device, height * op_rounded_stride(width) * sizeof *own.rounded);
    if (!own.rounded)
        return false;
    all[state->held_count++] = own;
    return true;
}

HeldMatrix *cuda_held(const DeviceState *state, const float *data)
{
    for (size_t i = 0; i < state->held_count; i++)
        if (state->held[i].data == data)
            return &state->held[i];
    return nullptr;
}

void cuda_held_changed(const DeviceState *state, const void *memory, size_t bytes)
{
    for (size_t i = 0; i < state->held_count; i++)
        if (meets(&state->held[i], memory, bytes))
            state->held[i].fresh = false;
}

void cuda_held_release(DeviceState *state, const void *memory, size_t bytes)
{
    size_t kept = 0;
    for (size_t i = 0; i < state->held_count; i++)
        if (meets(&state->held[i], memory, bytes))
            cuda_well(state, cudaFree(state->held[i].rounded), "giving memory back");
        else
            state->held[kept++] = state->held[i];
    state->held_count = kept;
}

void cuda_held_refresh(DeviceState *state)
{
    for (size_t i = 0; i < state->held_count; i++) {
        HeldMatrix *held = &state->held[i];
        if (!held->fresh)
            cuda_round(state, held->data, held->height, held->width, nullptr, 0, held->rounded);
        held->fresh = true;
    }
}
