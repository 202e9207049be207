#include "cuda_runtime.h"

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <setjmp.h>
#include <ucontext.h>
#include <vector>

uint3 threadIdx, blockIdx;
dim3 blockDim, gridDim;

/* ---- fibers ---- */

#define STACK_BYTES ((size_t)128 << 10)
#define WARP 32u
#define MOST_THREADS 1024u
#define MOST_BYTES 32 // that lanes exchange at once

enum class Waits { nothing, block, warp, ended };

/* A fiber is begun once, by its context, and then goes on by jumps, which need no system call. */
struct Fiber {
    ucontext_t context;
    jmp_buf jump;
    bool begun;
    std::unique_ptr<char[]> stack;
    Waits waits;
    uint3 index;
    alignas(16) char given[MOST_BYTES];
};

static Fiber fibers[MOST_THREADS];
static jmp_buf scheduler;
static Fiber *running;
static unsigned running_count;
static const std::function<void()> *thread_body;

static bool reversed; // of the grid that runs

static bool order_is_reversed()
{
    const char *order = getenv("EMULATION_ORDER");
    return order && strcmp(order, "reversed") == 0;
}

static void wait_for(Waits what)
{
    running->waits = what;
    if (_setjmp(running->jump) == 0)
        _longjmp(scheduler, 1);
}

void emulate_block_barrier()
{
    wait_for(Waits::block);
}

/* Twice: when all have given, take(lanes); when all have taken, what was given may change. */
template <class Take> static void exchange(const void *own, size_t bytes, Take take)
{
    unsigned first = (unsigned)(running - fibers) / WARP * WARP;
    if (bytes > MOST_BYTES || first + WARP > running_count) {
        fprintf(stderr, "emulation: a shuffle in a warp that isn't whole, or of %zu bytes\n",
                bytes);
        abort();
    }
    memcpy(running->given, own, bytes);
    wait_for(Waits::warp);
    take(fibers + first);
    wait_for(Waits::warp);
}

void emulate_exchange(const void *own, void *other, size_t bytes, unsigned lane)
{
    exchange(own, bytes, [=](const Fiber *lanes) { memcpy(other, lanes[lane].given, bytes); });
}

void emulate_gather(const void *own, void *all, size_t bytes)
{
    exchange(own, bytes, [=](const Fiber *lanes) {
        for (unsigned lane = 0; lane < WARP; lane++)
            memcpy((char *)all + lane * bytes, lanes[lane].given, bytes);
    });
}

/* One thread of a block after another. */
static void fiber_main()
{
    for (;;) {
        (*thread_body)();
        wait_for(Waits::ended);
    }
}

static void begin_fiber(unsigned number)
{
    Fiber &fiber = fibers[number];
    fiber.waits = Waits::nothing;
    fiber.index = { number % blockDim.x, number / blockDim.x % blockDim.y,
                    number / blockDim.x / blockDim.y };
    if (fiber.stack)
        return;
    fiber.stack.reset(new char[STACK_BYTES]);
    getcontext(&fiber.context);
    fiber.context.uc_stack.ss_sp = fiber.stack.get();
    fiber.context.uc_stack.ss_size = STACK_BYTES;
    fiber.context.uc_link = nullptr;
    makecontext(&fiber.context, fiber_main, 0);
}

static void resume(Fiber *fiber)
{
    running = fiber;
    threadIdx = fiber->index;
    fiber->waits = Waits::nothing;
    if (_setjmp(scheduler) != 0)
        return;
    if (fiber->begun)
        _longjmp(fiber->jump, 1);
    fiber->begun = true;
    setcontext(&fiber->context);
}

/* Whether all of some fibers wait for the same, so that they may go on. */
static bool all_wait(unsigned begin, unsigned end, Waits what)
{
    for (unsigned i = begin; i < end; i++)
        if (fibers[i].waits != what)
            return false;
    return true;
}

static void run_range(unsigned begin, unsigned end)
{
    for (unsigned i = begin; i < end; i++)
        resume(&fibers[reversed ? begin + end - 1 - i : i]);
}

/* Let those go on who can: whole warps, then the whole block. A block that can't has diverged. */
static bool go_on(unsigned count)
{
    bool went = false;
    for (unsigned first = 0; first < count; first += WARP) {
        unsigned end = first + WARP < count ? first + WARP : count;
        while (all_wait(first, end, Waits::warp)) {
            run_range(first, end);
            went = true;
        }
    }
    if (all_wait(0, count, Waits::block)) {
        run_range(0, count);
        went = true;
    }
    return went;
}

static void run_block(unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        begin_fiber(i);
    run_range(0, count);
    while (!all_wait(0, count, Waits::ended))
        if (!go_on(count)) {
            fprintf(stderr, "emulation: threads of a block wait at different barriers\n");
            abort();
        }
}

void emulate_grid(dim3 grid, dim3 block, const std::function<void()> &thread)
{
    unsigned count = block.x * block.y * block.z;
    size_t blocks = (size_t)grid.x * grid.y * grid.z;
    if (count == 0 || count > MOST_THREADS || blocks == 0 || grid.y > 65535 || grid.z > 65535) {
        fprintf(stderr, "emulation: a grid of %u x %u x %u blocks of %u threads\n", grid.x, grid.y,
                grid.z, count);
        abort();
    }
    running_count = count;
    reversed = order_is_reversed();
    thread_body = &thread;
    gridDim = grid;
    blockDim = block;
    for (size_t i = 0; i < blocks; i++) {
        size_t at = reversed ? blocks - 1 - i : i;
        blockIdx = { (unsigned)(at % grid.x), (unsigned)(at / grid.x % grid.y),
                     (unsigned)(at / grid.x / grid.y) };
        run_block(count);
    }
}

/* ---- streams and graphs ---- */

struct EmulatedGraph {
    std::vector<std::function<void()>> work;
};

struct EmulatedStream {
    EmulatedGraph *captured;
};

struct EmulatedEvent {
    int nothing;
};

void emulate_enqueue(cudaStream_t stream, std::function<void()> work)
{
    if (stream->captured)
        stream->captured->work.push_back(work);
    else
        work();
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    *stream = new EmulatedStream();
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    delete stream;
    return cudaSuccess;
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    return stream->captured ? cudaErrorStreamCaptureUnsupported : cudaSuccess;
}

cudaError_t cudaStreamWaitEvent(cudaStream_t, cudaEvent_t, unsigned)
{
    return cudaSuccess;
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t *event, unsigned)
{
    *event = new EmulatedEvent();
    return cudaSuccess;
}

cudaError_t cudaEventRecord(cudaEvent_t, cudaStream_t)
{
    return cudaSuccess;
}

cudaError_t cudaEventSynchronize(cudaEvent_t)
{
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    delete event;
    return cudaSuccess;
}

cudaError_t cudaStreamBeginCapture(cudaStream_t stream, cudaStreamCaptureMode)
{
    stream->captured = new EmulatedGraph();
    return cudaSuccess;
}

cudaError_t cudaStreamEndCapture(cudaStream_t stream, cudaGraph_t *graph)
{
    *graph = stream->captured;
    stream->captured = nullptr;
    return cudaSuccess;
}

cudaError_t cudaGraphInstantiate(cudaGraphExec_t *exec, cudaGraph_t graph, unsigned long long)
{
    *exec = new EmulatedGraph(*graph);
    return cudaSuccess;
}

cudaError_t cudaGraphLaunch(cudaGraphExec_t exec, cudaStream_t)
{
    for (const std::function<void()> &work : exec->work)
        work();
    return cudaSuccess;
}

cudaError_t cudaGraphExecDestroy(cudaGraphExec_t exec)
{
    delete exec;
    return cudaSuccess;
}

cudaError_t cudaGraphDestroy(cudaGraph_t graph)
{
    delete graph;
    return cudaSuccess;
}

/* ---- memory: NaN to begin with, and a guard behind it ---- */

#define HEAD ((size_t)256)
#define GUARD ((size_t)256)

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    size_t size = (HEAD + bytes + GUARD + 255) / 256 * 256;
    char *block = (char *)aligned_alloc(256, size);
    if (!block)
        return cudaErrorMemoryAllocation;
    memset(block, 0xff, size);
    memcpy(block, &bytes, sizeof bytes);
    *memory = block + HEAD;
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
    size_t bytes;
    char *block = (char *)memory - HEAD;
    if (!memory)
        return cudaSuccess;
    memcpy(&bytes, block, sizeof bytes);
    for (size_t i = 0; i < GUARD; i++)
        if (block[HEAD + bytes + i] != (char)0xff) {
            fprintf(stderr, "emulation: written %zu bytes behind the end of %zu\n", i, bytes);
            abort();
        }
    free(block);
    return cudaSuccess;
}

cudaError_t cudaHostAlloc(void **memory, size_t bytes, unsigned)
{
    return cudaMalloc(memory, bytes);
}

cudaError_t cudaFreeHost(void *memory)
{
    return cudaFree(memory);
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind,
                            cudaStream_t stream)
{
    emulate_enqueue(stream, [=] { memcpy(to, from, bytes); });
    return cudaSuccess;
}

cudaError_t cudaMemsetAsync(void *to, int value, size_t bytes, cudaStream_t stream)
{
    emulate_enqueue(stream, [=] { memset(to, value, bytes); });
    return cudaSuccess;
}

cudaError_t cudaMemGetInfo(size_t *there, size_t *all)
{
    *there = *all = (size_t)1 << 30;
    return cudaSuccess;
}

/* ---- the device ---- */

const char *cudaGetErrorString(cudaError_t error)
{
    return error == cudaSuccess ? "no error" : "refused by the emulation";
}

cudaError_t cudaGetLastError()
{
    return cudaSuccess;
}

cudaError_t cudaPeekAtLastError()
{
    return cudaSuccess;
}

cudaError_t cudaGetDeviceCount(int *count)
{
    *count = 1;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int)
{
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *chip, int)
{
    *chip = {};
    strcpy(chip->name, "emulated GPU");
    chip->major = 8;
    chip->multiProcessorCount = 1;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetPCIBusId(char *, int, int)
{
    return cudaErrorMemoryAllocation; // nobody needs to be kept from it
}
