#include "common/tensor/cuda/kernel.cuh"

#include <stdio.h>
#include <string.h>

/* The kernels of an op, by its name. */
static const CudaOp *find_op(const OpRun *run)
{
    for (const CudaOp *const *op = cuda_ops; *op; op++)
        if (strcmp((*op)->name, run->op->name) == 0)
            return *op;
    return nullptr;
}

static const CudaOp *need_op(const OpRun *run)
{
    const CudaOp *op = find_op(run);
    if (!op && !run->device->failed[0])
        snprintf(run->device->failed, sizeof run->device->failed, "op %s has no side for CUDA",
                 run->op->name);
    return op;
}

void cuda_forward(const Device *device, const OpRun *run)
{
    const CudaOp *op = need_op(run);
    if (!op)
        return;
    op->forward(run);
    cuda_well(device->state, cudaPeekAtLastError(), op->name);
}

void cuda_backward(const Device *device, const OpRun *run)
{
    const CudaOp *op = need_op(run);
    if (!op || !op->backward)
        return;
    op->backward(run);
    cuda_well(device->state, cudaPeekAtLastError(), op->name);
}

size_t cuda_workspace_bytes(const Device *device, const OpRun *run)
{
    (void)device;
    const CudaOp *op = find_op(run);
    return op && op->workspace_bytes ? op->workspace_bytes(run) : 0;
}
