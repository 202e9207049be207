/*
 * Batches on their way to the device, and runs that are recorded once and repeated.
 */
#include "common/tensor/cuda/held.h"

#include <stdlib.h>
#include <string.h>

struct DeviceFeedState {
    cudaEvent_t sent[2], used[2]; // a block is on the device; the run that reads it is over
};

struct DeviceRecord {
    cudaGraphExec_t graph;
};

static bool open_blocks(struct DeviceState *state, DeviceFeed *feed)
{
    bool ok = true;
    for (int turn = 0; turn < 2 && ok; turn++) {
        ok = cudaHostAlloc((void **)&feed->host[turn], feed->bytes, cudaHostAllocDefault)
                == cudaSuccess
            && cudaHostAlloc((void **)&feed->result_host[turn], sizeof(RunResult),
                             cudaHostAllocDefault)
                == cudaSuccess
            && (feed->returned_bytes == 0
                || cudaHostAlloc((void **)&feed->returned[turn], feed->returned_bytes,
                                 cudaHostAllocDefault)
                    == cudaSuccess)
            && cudaMalloc((void **)&feed->memory[turn], feed->bytes) == cudaSuccess
            && cuda_well(state,
                         cudaEventCreateWithFlags(&feed->state->sent[turn], cudaEventDisableTiming),
                         "an event")
            && cuda_well(state,
                         cudaEventCreateWithFlags(&feed->state->used[turn], cudaEventDisableTiming),
                         "an event");
        if (ok) {
            memset(feed->host[turn], 0, feed->bytes);
            memset(feed->result_host[turn], 0, sizeof(RunResult));
        }
    }
    return ok && cudaMalloc((void **)&feed->result, sizeof(RunResult)) == cudaSuccess
        && cuda_well(state, cudaMemsetAsync(feed->result, 0, sizeof(RunResult), state->stream),
                     "clearing");
}

bool cuda_feed_open(const Device *device, DeviceFeed *feed, size_t bytes, size_t returned_bytes)
{
    memset(feed, 0, sizeof *feed);
    feed->bytes = bytes;
    feed->returned_bytes = returned_bytes;
    feed->state = (DeviceFeedState *)calloc(1, sizeof *feed->state);
    if (feed->state && open_blocks(device->state, feed))
        return true;
    if (feed->state)
        cuda_feed_close(device, feed);
    cudaGetLastError(); // the refusal was said: it is no failure of the device
    return false;
}

void cuda_feed_close(const Device *device, DeviceFeed *feed)
{
    cudaStreamSynchronize(device->state->copies);
    cudaStreamSynchronize(device->state->stream);
    for (int turn = 0; turn < 2; turn++) {
        if (feed->state->sent[turn])
            cudaEventDestroy(feed->state->sent[turn]);
        if (feed->state->used[turn])
            cudaEventDestroy(feed->state->used[turn]);
        cudaFreeHost(feed->host[turn]);
        cudaFreeHost(feed->result_host[turn]);
        cudaFreeHost(feed->returned[turn]);
        cudaFree(feed->memory[turn]);
    }
    cudaFree(feed->result);
    free(feed->state);
    memset(feed, 0, sizeof *feed);
}

/* The block on the host was read two runs ago; the one on the device waits for that run in order. */
void cuda_feed_begin(const Device *device, DeviceFeed *feed, int turn)
{
    DeviceState *state = device->state;
    cuda_well(state, cudaEventSynchronize(feed->state->sent[turn]), "waiting for a copy");
    cuda_well(state, cudaStreamWaitEvent(state->copies, feed->state->used[turn], 0),
              "waiting for a run");
}

void cuda_feed_send(const Device *device, DeviceFeed *feed, int turn, size_t offset, size_t bytes)
{
    DeviceState *state = device->state;
    cuda_well(state,
              cudaMemcpyAsync(feed->memory[turn] + offset, feed->host[turn] + offset, bytes,
                              cudaMemcpyHostToDevice, state->copies),
              "sending a batch");
}

void cuda_feed_sent(const Device *device, DeviceFeed *feed, int turn)
{
    DeviceState *state = device->state;
    cuda_well(state, cudaEventRecord(feed->state->sent[turn], state->copies), "sending a batch");
    cuda_well(state, cudaStreamWaitEvent(state->stream, feed->state->sent[turn], 0),
              "sending a batch");
}

void cuda_feed_return(const Device *device, DeviceFeed *feed, int turn, size_t offset,
                      const void *from, size_t bytes)
{
    DeviceState *state = device->state;
    if (bytes > 0)
        cuda_well(state,
                  cudaMemcpyAsync(feed->returned[turn] + offset, from, bytes,
                                  cudaMemcpyDeviceToHost, state->stream),
                  "reading an output");
}

void cuda_feed_used(const Device *device, DeviceFeed *feed, int turn)
{
    DeviceState *state = device->state;
    cuda_well(state,
              cudaMemcpyAsync(feed->result_host[turn], feed->result, sizeof(RunResult),
                              cudaMemcpyDeviceToHost, state->stream),
              "reading the loss");
    cuda_well(state, cudaEventRecord(feed->state->used[turn], state->stream), "a run");
}

bool cuda_feed_wait(const Device *device, const DeviceFeed *feed, int turn, Failure *failure)
{
    DeviceState *state = device->state;
    return cuda_well(state, cudaEventSynchronize(feed->state->used[turn]), "a run")
        ? !state->failed[0]
            || cuda_fail(failure, EX_UNAVAILABLE, "%s: %s", state->chip.name, state->failed)
        : cuda_fail(failure, EX_UNAVAILABLE, "%s: %s", state->chip.name, state->failed);
}

/* ---- records ---- */

void cuda_record_begin(const Device *device)
{
    DeviceState *state = device->state;
    cuda_held_refresh(state);
    cuda_well(state, cudaStreamBeginCapture(state->stream, cudaStreamCaptureModeThreadLocal),
              "recording a run");
}

DeviceRecord *cuda_record_end(const Device *device)
{
    DeviceState *state = device->state;
    cudaGraph_t graph = nullptr;
    DeviceRecord *record = (DeviceRecord *)calloc(1, sizeof *record);
    bool ok = cuda_well(state, cudaStreamEndCapture(state->stream, &graph), "recording a run")
        && record
        && cuda_well(state, cudaGraphInstantiate(&record->graph, graph, 0), "recording a run");
    if (graph)
        cudaGraphDestroy(graph);
    if (ok)
        return record;
    free(record);
    return nullptr;
}

void cuda_record_run(const Device *device, DeviceRecord *record)
{
    cuda_held_refresh(device->state);
    cuda_well(device->state, cudaGraphLaunch(record->graph, device->state->stream),
              "repeating a run");
}

void cuda_record_close(const Device *device, DeviceRecord *record)
{
    cuda_well(device->state, cudaGraphExecDestroy(record->graph), "forgetting a run");
    free(record);
}
