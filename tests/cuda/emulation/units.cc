#include "common/tensor/cuda/plugin.h"

/* In keys, too, this is no GPU. */
extern "C" const DeviceUnit cuda_units[] = {
    { "emulation", "of CUDA on the CPU" },
    { nullptr, nullptr },
};
