#include "common/tensor/load.h"

#include <dlfcn.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PLUGIN "podium-cuda.so"

bool device_open_plugin(Device *device, const char *path, Precision precision, Failure *failure)
{
    static const PluginLayout layout = PLUGIN_LAYOUT;
    PluginOpen *open;
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL); // stays: kernels can't be taken back
    if (!library)
        return fail(failure, EX_UNAVAILABLE, "%s", dlerror());
    *(void **)&open = dlsym(library, "podium_cuda_open");
    if (!open)
        return fail(failure, EX_UNAVAILABLE, "%s: not the CUDA plugin", path);
    return open(device, &layout, precision, failure);
}

/* The plugin's path: of a build in lib/ beside bin/, installed beside the programs. */
static const char *plugin_path(char path[4096])
{
    static const char *const places[] = { "../lib/" PLUGIN, PLUGIN };
    char program[2048];
    ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
    char *slash = length > 0 ? memrchr(program, '/', (size_t)length) : NULL;
    for (size_t i = 0; slash && i < sizeof places / sizeof *places; i++) {
        snprintf(path, 4096, "%.*s/%s", (int)(slash - program), program, places[i]);
        if (access(path, R_OK) == 0)
            return path;
    }
    return NULL;
}

static bool open_gpu(Device *device, Precision precision, Failure *failure)
{
    char path[4096];
    if (!plugin_path(path))
        return fail(failure, EX_UNAVAILABLE,
                    "there is no CUDA plugin beside this program, which make builds where nvcc is");
    return device_open_plugin(device, path, precision, failure);
}

static bool open_cpu(Device *device, Precision precision, Arena *arena, Failure *failure)
{
    if (precision != PRECISION_FLOAT32)
        return fail(failure, EX_USAGE,
                    "the CPU computes in float32; --precision is for --device cuda");
    return device_open_cpu(device, arena, failure);
}

static Precision precision_of(const char *name)
{
    return strcmp(name, "tf32") == 0 ? PRECISION_TF32
        : strcmp(name, "bf16") == 0  ? PRECISION_BF16
                                     : PRECISION_FLOAT32;
}

bool device_open(Device *device, const OptionValues *values, const char *program, Arena *arena,
                 Failure *failure)
{
    const char *name = option_text(values, "device");
    Precision precision = precision_of(option_text(values, "precision"));
    Failure refusal = { 0 };
    if (strcmp(name, "cpu") == 0)
        return open_cpu(device, precision, arena, failure);
    if (open_gpu(device, precision, &refusal))
        return true;
    if (strcmp(name, "cuda") == 0)
        return fail(failure, refusal.code, "--device cuda: %s; --device cpu computes without one",
                    refusal.message);
    fprintf(stderr, "%s: %s; the CPU computes\n", program, refusal.message);
    return open_cpu(device, precision, arena, failure);
}
