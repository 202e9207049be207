/*
 * CUDA on the CPU, for tests where there is no GPU: what the plugin uses of the runtime, so that the
 * kernels themselves are run, line by line, by an ordinary C++ compiler.
 *
 * Every thread of a block is a fiber that runs until a barrier or a shuffle; blocks come one after
 * another. A stream does what it is asked for at once, or, while it is captured, writes it down.
 * Memory begins as NaN and has guards behind it. With EMULATION_ORDER=reversed threads and blocks run
 * from last to first: a kernel whose result changes then has a race.
 *
 * What this can't show: speed, the memory model (fences), limits of registers and shared memory, how
 * cuBLAS rounds.
 */
#ifndef PODIUM_TESTS_CUDA_EMULATION_RUNTIME_H
#define PODIUM_TESTS_CUDA_EMULATION_RUNTIME_H

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <tuple>

using std::isfinite;

#define __global__
#define __device__
#define __host__
#define __shared__ static // blocks run one after another, on one thread
#define __launch_bounds__(...)

struct uint3 {
    unsigned x, y, z;
};

struct dim3 {
    unsigned x, y, z;
    constexpr dim3(unsigned x_ = 1, unsigned y_ = 1, unsigned z_ = 1) : x(x_), y(y_), z(z_)
    {
    }
};

extern uint3 threadIdx, blockIdx;
extern dim3 blockDim, gridDim;

/* ---- what threads of a block do together ---- */

void emulate_block_barrier();
/* Give `bytes` of one's own to the lanes of the warp, and take those of another lane. */
void emulate_exchange(const void *own, void *other, size_t bytes, unsigned lane);
/* The same of all 32 lanes. */
void emulate_gather(const void *own, void *all, size_t bytes);

static inline void __syncthreads()
{
    emulate_block_barrier();
}

template <class Number> static inline Number __shfl_xor_sync(unsigned, Number value, int distance)
{
    Number other;
    unsigned thread = threadIdx.x + blockDim.x * (threadIdx.y + blockDim.y * threadIdx.z);
    emulate_exchange(&value, &other, sizeof value, (thread % 32) ^ (unsigned)distance);
    return other;
}

template <class Number> static inline Number __shfl_sync(unsigned, Number value, int lane)
{
    Number other;
    emulate_exchange(&value, &other, sizeof value, (unsigned)lane);
    return other;
}

static inline unsigned __float_as_uint(float x)
{
    unsigned bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static inline float __uint_as_float(unsigned bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

/* ---- tensor cores: what common/tensor/cuda/mma.cuh asks for, as PTX ISA defines it ---- */

#define CUDA_MMA_EMULATED

void mma_load(uint32_t part[4], const uint32_t *row);
void mma_tf32(float c[4], const uint32_t a[4], const uint32_t b[2]);
void mma_bf16(float c[4], const uint32_t a[4], const uint32_t b[2]);

/* ---- the runtime ---- */

typedef enum cudaError_t {
    cudaSuccess = 0,
    cudaErrorMemoryAllocation = 2,
    cudaErrorStreamCaptureUnsupported = 900,
} cudaError_t;
typedef enum cudaMemcpyKind {
    cudaMemcpyHostToDevice = 1,
    cudaMemcpyDeviceToHost = 2
} cudaMemcpyKind;
typedef enum cudaStreamCaptureMode { cudaStreamCaptureModeThreadLocal = 1 } cudaStreamCaptureMode;
typedef enum cudaDataType { CUDA_R_32F = 0, CUDA_R_16BF = 14 } cudaDataType;
typedef cudaDataType cudaDataType_t;

typedef struct EmulatedStream *cudaStream_t;
typedef struct EmulatedEvent *cudaEvent_t;
typedef struct EmulatedGraph *cudaGraph_t, *cudaGraphExec_t;

typedef struct cudaDeviceProp {
    char name[256];
    int major, minor, multiProcessorCount;
    size_t totalGlobalMem;
} cudaDeviceProp;

#define cudaHostAllocDefault 0u
#define cudaEventDisableTiming 2u
#define cudaStreamNonBlocking 1u

const char *cudaGetErrorString(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();
cudaError_t cudaGetDeviceCount(int *count);
cudaError_t cudaSetDevice(int number);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp *chip, int number);
cudaError_t cudaDeviceGetPCIBusId(char *bus, int bytes, int number);
cudaError_t cudaMemGetInfo(size_t *there, size_t *all);
cudaError_t cudaMalloc(void **memory, size_t bytes);
cudaError_t cudaFree(void *memory);
cudaError_t cudaHostAlloc(void **memory, size_t bytes, unsigned flags);
cudaError_t cudaFreeHost(void *memory);
cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream);
cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned flags);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned flags);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned flags);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode mode);
cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph);
cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph,
                                 unsigned long long flags);
cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t stream);
cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec);
cudaError_t cudaGraphDestroy(cudaGraph_t graph);

/* ---- launches: arguments are copied when the kernel is asked for ---- */

void emulate_enqueue(cudaStream_t stream, std::function<void()> work);
void emulate_grid(dim3 grid, dim3 block, const std::function<void()> &thread);

template <class... Parameters, class... Arguments>
static void emulate_launch(void (*kernel)(Parameters...), dim3 grid, dim3 block,
                           cudaStream_t stream, Arguments... arguments)
{
    std::tuple<Parameters...> copies{ arguments... };
    emulate_enqueue(stream,
                    [=] { emulate_grid(grid, block, [&] { std::apply(kernel, copies); }); });
}

#define CUDA_LAUNCH(kernel, grid, block, stream, ...)                                              \
    emulate_launch(kernel, grid, block, stream, __VA_ARGS__)

#endif
