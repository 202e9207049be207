/*
 * Load: the device that a step computes on, opened by its name.
 */
#ifndef PODIUM_TENSOR_LOAD_H
#define PODIUM_TENSOR_LOAD_H

#include "common/base/options.h"
#include "common/tensor/cuda/plugin.h"

/* The options of every stage that computes. What they decide enters the key as its numerics. */
#define DEVICE_OPTIONS                                                                             \
    { "device",        OPTION_CHOICE,                                                              \
      "cpu",           "where to compute; auto: on a GPU if there is one, else on the CPU",        \
      OPTION_VOLATILE, .choices = "auto|cpu|cuda" },                                               \
    {                                                                                              \
        "precision", OPTION_CHOICE, "float32",                                                     \
            "of the factors of matrix products on a GPU; sums are float32 always",                 \
            OPTION_VOLATILE, .choices = PRECISIONS                                                 \
    }

/*
 * Open the device that the options say. Close it with device_close.
 *
 *   auto     says on stderr, as `program`, why it computes on the CPU where it does
 *   failure  EX_UNAVAILABLE: --device cuda, and there is no GPU, or no plugin, that can be used.
 *            EX_USAGE: a precision that the CPU hasn't
 */
bool device_open(Device *device, const OptionValues *values, const char *program, Arena *arena,
                 Failure *failure);

/* Open a GPU through the plugin at `path`. EX_UNAVAILABLE, EX_CONFIG: as podium_cuda_open says. */
bool device_open_plugin(Device *device, const char *path, Precision precision, Failure *failure);

#endif
