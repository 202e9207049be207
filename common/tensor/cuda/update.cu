/*
 * The update of all parameters in one go: their gradients' norms, what these are clipped to, and the
 * step itself. Pieces of a fixed number of elements, so one launch serves large and small parameters.
 */
#include "common/tensor/cuda/held.h"
#include "common/tensor/cuda/kernel.cuh"
#include "common/tensor/cuda/round.cuh"

#include <stdlib.h>

#define PIECE ((size_t)1 << 15)
#define NONE 0xffffffffu

struct Piece {
    uint32_t slot;
    size_t begin, end;
};

/* A parameter and, where the device holds one, its rounded copy. */
struct Slot : UpdateSlot {
    uint16_t *rounded; // [n / width, stride], or NULL
    uint32_t width, stride;
};

struct DeviceUpdater {
    size_t slot_count, piece_count, bytes;
    void *memory;
    Slot *slots;           // [slot_count]
    uint32_t *first_piece; // [slot_count + 1]
    Piece *pieces;         // [piece_count]
    double *partial;       // [piece_count]
    double *squares;       // [slot_count]
    float *scale;          // [slot_count]: what each gradient is multiplied by
};

namespace
{

/* All threads' values put together in halves; the same for every thread. */
template <class Number, class Combine> __device__ Number of_block(Number own, Combine combine)
{
    __shared__ Number values[BLOCK];
    __syncthreads();
    values[threadIdx.x] = own;
    __syncthreads();
    for (unsigned width = BLOCK / 2; width > 0; width /= 2) {
        if (threadIdx.x < width)
            values[threadIdx.x] = combine(values[threadIdx.x], values[threadIdx.x + width]);
        __syncthreads();
    }
    return values[0];
}

struct Smaller {
    __device__ uint32_t operator()(uint32_t a, uint32_t b) const
    {
        return a < b ? a : b;
    }
};

__global__ void square_pieces(const Slot *slots, const Piece *pieces, double *partial)
{
    Piece piece = pieces[blockIdx.x];
    const float *gradient = slots[piece.slot].gradient;
    double sum = 0;
    for (size_t i = piece.begin + threadIdx.x; i < piece.end; i += BLOCK)
        sum += (double)gradient[i] * gradient[i];
    sum = of_block(sum, Plus());
    if (threadIdx.x == 0)
        partial[blockIdx.x] = sum;
}

__global__ void square_slots(const uint32_t *first_piece, const double *partial, double *squares)
{
    double sum = 0;
    for (uint32_t i = first_piece[blockIdx.x] + threadIdx.x; i < first_piece[blockIdx.x + 1];
         i += BLOCK)
        sum += partial[i];
    sum = of_block(sum, Plus());
    if (threadIdx.x == 0)
        squares[blockIdx.x] = sum;
}

__device__ double clip_scale(const UpdateNumbers *n, double square, double total)
{
    double norm = sqrt(square), all = sqrt(total) + n->clip_tiny, c = n->clip_norm;
    if (n->clipping == UPDATE_CLIP_EACH)
        return norm > c ? c / norm : 1;
    if (n->clipping == UPDATE_CLIP_TOGETHER)
        return c < all ? c / all : 1;
    return 1;
}

/* One block: what every gradient is multiplied by, and whether anything may change at all. */
__global__ void decide(const double *squares, uint32_t count, const UpdateNumbers *numbers,
                       float *scale, RunResult *result)
{
    double total = 0;
    uint32_t faulty = NONE;
    for (uint32_t i = threadIdx.x; i < count; i += BLOCK) {
        total += squares[i];
        if (!isfinite(squares[i]) && i < faulty)
            faulty = i;
    }
    total = of_block(total, Plus());
    faulty = of_block(faulty, Smaller());
    if (threadIdx.x == 0 && !result->stopped) {
        result->stopped = faulty != NONE || !isfinite(result->loss);
        result->faulty = faulty == NONE ? 0 : faulty + 1;
    }
    for (uint32_t i = threadIdx.x; i < count; i += BLOCK)
        scale[i] = (float)clip_scale(numbers, squares[i], total);
}

/* What update.h says, of one element. */
__device__ float step(const UpdateSlot &slot, const UpdateNumbers &n, float scale, size_t i)
{
    float g = scale * slot.gradient[i], m = g;
    if (slot.mean)
        m = slot.mean[i] = n.keep_mean * slot.mean[i] + n.take_mean * g;
    float v = slot.square[i] = n.keep_square * slot.square[i] + n.take_square * (g * g);
    return slot.value[i] -= n.rate * m / (sqrtf(v) * n.scale + n.epsilon);
}

/* Elements of a held matrix are fewer than 2^32. */
__device__ size_t rounded_at(const Slot &slot, uint32_t i)
{
    return slot.width == slot.stride ? i : (size_t)(i / slot.width) * slot.stride + i % slot.width;
}

__global__ void apply(const Slot *slots, const Piece *pieces, const float *scale,
                      const UpdateNumbers *numbers, const RunResult *result)
{
    if (result->stopped)
        return;
    Piece piece = pieces[blockIdx.x];
    Slot slot = slots[piece.slot];
    UpdateNumbers n = *numbers;
    for (size_t i = piece.begin + threadIdx.x; i < piece.end; i += BLOCK) {
        float value = step(slot, n, scale[piece.slot], i);
        if (slot.rounded)
            slot.rounded[rounded_at(slot, (uint32_t)i)] = bfloat16_of(value);
    }
}

__global__ void apply_one(UpdateSlot slot, UpdateNumbers n, float scale)
{
    size_t stride = (size_t)gridDim.x * blockDim.x;
    for (size_t i = (size_t)blockIdx.x * blockDim.x + threadIdx.x; i < slot.n; i += stride)
        step(slot, n, scale, i);
}

/* Where the tables lie in one block of memory; its size. */
size_t lay_out(DeviceUpdater *u, char *memory)
{
    size_t at = 0;
    auto take = [&](size_t bytes) {
        size_t begin = at;
        at += cuda_divide_up(bytes, 256) * 256;
        return memory + begin;
    };
    u->slots = (Slot *)take(u->slot_count * sizeof *u->slots);
    u->first_piece = (uint32_t *)take((u->slot_count + 1) * sizeof *u->first_piece);
    u->pieces = (Piece *)take(u->piece_count * sizeof *u->pieces);
    u->partial = (double *)take(u->piece_count * sizeof *u->partial);
    u->squares = (double *)take(u->slot_count * sizeof *u->squares);
    u->scale = (float *)take(u->slot_count * sizeof *u->scale);
    return at;
}

Slot slot_of(const DeviceState *state, const UpdateSlot &slot)
{
    const HeldMatrix *held = cuda_held(state, slot.value);
    if (!held)
        return Slot{ slot, nullptr, 1, 1 };
    return Slot{ slot, held->rounded, (uint32_t)held->width,
                 (uint32_t)op_rounded_stride(held->width) };
}

/* Fill the tables on the host and send them. */
void send_tables(const Device *device, DeviceUpdater *u, const UpdateSlot slots[])
{
    Slot *own = (Slot *)calloc(u->slot_count + 1, sizeof *own);
    Piece *pieces = (Piece *)calloc(u->piece_count + 1, sizeof *pieces);
    uint32_t *first = (uint32_t *)calloc(u->slot_count + 1, sizeof *first), count = 0;
    for (uint32_t slot = 0; own && pieces && first && slot < u->slot_count; slot++) {
        own[slot] = slot_of(device->state, slots[slot]);
        first[slot] = count;
        for (size_t at = 0; at < slots[slot].n; at += PIECE)
            pieces[count++] =
                Piece{ slot, at, slots[slot].n - at < PIECE ? slots[slot].n : at + PIECE };
        first[slot + 1] = count;
    }
    if (own && pieces && first) {
        device->upload(device, u->slots, own, u->slot_count * sizeof *own);
        device->upload(device, u->first_piece, first, (u->slot_count + 1) * sizeof *first);
        device->upload(device, u->pieces, pieces, u->piece_count * sizeof *pieces);
    }
    free(own);
    free(pieces);
    free(first);
}

} // namespace

DeviceUpdater *cuda_updater_open(const Device *device, const UpdateSlot slots[], size_t count)
{
    DeviceUpdater *u = (DeviceUpdater *)calloc(1, sizeof *u);
    if (!u)
        return nullptr;
    u->slot_count = count;
    for (size_t slot = 0; slot < count; slot++)
        u->piece_count += cuda_divide_up(slots[slot].n, PIECE);
    u->bytes = lay_out(u, nullptr);
    u->memory = device->allocate(device, u->bytes);
    if (!u->memory) {
        free(u);
        return nullptr;
    }
    lay_out(u, (char *)u->memory);
    send_tables(device, u, slots);
    return u;
}

void cuda_updater_close(const Device *device, DeviceUpdater *updater)
{
    device->release(device, updater->memory, updater->bytes);
    free(updater);
}

void cuda_updater_run(const Device *device, DeviceUpdater *u, const UpdateNumbers *numbers,
                      RunResult *result)
{
    cudaStream_t stream = device->state->stream;
    if (u->piece_count == 0)
        return;
    unsigned pieces = (unsigned)u->piece_count, slots = (unsigned)u->slot_count;
    CUDA_LAUNCH(square_pieces, pieces, BLOCK, stream, (const Slot *)u->slots,
                (const Piece *)u->pieces, u->partial);
    CUDA_LAUNCH(square_slots, slots, BLOCK, stream, (const uint32_t *)u->first_piece,
                (const double *)u->partial, u->squares);
    CUDA_LAUNCH(decide, 1, BLOCK, stream, (const double *)u->squares, slots, numbers, u->scale,
                result);
    CUDA_LAUNCH(apply, pieces, BLOCK, stream, (const Slot *)u->slots, (const Piece *)u->pieces,
                (const float *)u->scale, numbers, (const RunResult *)result);
    cuda_well(device->state, cudaPeekAtLastError(), "the update");
}

void cuda_update(const Device *device, const Update *u)
{
    UpdateSlot slot = { u->value, (float *)u->gradient, u->mean, u->square, u->n };
    UpdateNumbers numbers = {};
    numbers.keep_mean = u->keep_mean;
    numbers.take_mean = u->take_mean;
    numbers.keep_square = u->keep_square;
    numbers.take_square = u->take_square;
    numbers.rate = u->rate;
    numbers.scale = u->scale;
    numbers.epsilon = u->epsilon;
    cuda_held_changed(device->state, u->value, u->n * sizeof *u->value);
    CUDA_LAUNCH(apply_one, cuda_blocks(cuda_divide_up(u->n, BLOCK)), BLOCK, device->state->stream,
                slot, numbers, u->gradient_scale);
}
