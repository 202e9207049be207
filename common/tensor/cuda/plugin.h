/*
 * The CUDA plugin: a shared object with the `.cu` side of the ops, which a program loads only when a
 * step runs on a GPU (common/tensor/load.c). Programs and plugin come from one build: they share the
 * layout of Device and OpRun.
 */
#ifndef PODIUM_TENSOR_CUDA_PLUGIN_H
#define PODIUM_TENSOR_CUDA_PLUGIN_H

#include "common/tensor/device.h"

/* In what matrix products are computed; sums, parameters and the optimiser are float32 always. */
typedef enum Precision {
    PRECISION_FLOAT32,
    PRECISION_TF32, // factors rounded to 10 bits of mantissa by the tensor cores
    PRECISION_BF16, // factors rounded to bfloat16
} Precision;
#define PRECISIONS "float32|tf32|bf16" // in the order of the enumeration

/* What both sides must agree on. */
typedef struct PluginLayout {
    size_t device, run, feed, update;
} PluginLayout;
#define PLUGIN_LAYOUT                                                                              \
    {                                                                                              \
        sizeof(Device), sizeof(OpRun), sizeof(DeviceFeed),                                         \
            sizeof(UpdateNumbers) + sizeof(UpdateSlot)                                             \
    }

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Open a GPU: fills the device, or says why not.
 *
 *   failure  EX_UNAVAILABLE: there is no GPU, its driver is too old, or it is out of memory.
 *            EX_CONFIG: plugin and program come from different builds
 */
bool podium_cuda_open(Device *device, const PluginLayout *layout, Precision precision,
                      Failure *failure);
typedef bool PluginOpen(Device *device, const PluginLayout *layout, Precision precision,
                        Failure *failure);

/* The plugin's units, written by the build. */
extern const DeviceUnit cuda_units[];

#ifdef __cplusplus
}
#endif

#endif
