#include "common/tensor/cpu/blas.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#ifdef PODIUM_DOUBLE
#define GEMM "cblas_dgemm"
#else
#define GEMM "cblas_sgemm"
#endif

/*
 * Haswell's kernels give the same bits on every CPU that has AVX2; the native profile names those that are
 * fastest here. OpenBLAS 0.3.21's own choice falls to SSE3 on CPUs that are newer than itself.
 */
#ifndef PODIUM_KERNELS
#define PODIUM_KERNELS "Haswell"
#endif

/* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ... Haswell MAX_THREADS=64": the first two words. */
static const char *describe(const char *config, const char *core, Arena *arena, Failure *failure)
{
    size_t length = config ? strcspn(config, " ") : 0;
    if (config && config[length])
        length += 1 + strcspn(config + length + 1, " ");
    return arena_format(arena, failure, "%.*s %s", (int)length, config ? config : "", core);
}

bool blas_load(Blas *blas, Arena *arena, Failure *failure)
{
    setenv("OPENBLAS_CORETYPE", PODIUM_KERNELS, 1);
    setenv("OPENBLAS_NUM_THREADS", "1", 1);
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return fail(failure, EX_UNAVAILABLE, "%s; run: apt-get install libopenblas0-pthread",
                    dlerror());
    char *(*config)(void), *(*core)(void);
    *(void **)&blas->gemm = dlsym(library, GEMM);
    *(void **)&config = dlsym(library, "openblas_get_config");
    *(void **)&core = dlsym(library, "openblas_get_corename");
    if (!blas->gemm || !config || !core)
        return fail(failure, EX_UNAVAILABLE, "libopenblas.so.0: no %s; is this OpenBLAS?", GEMM);
    blas->description = describe(config(), core(), arena, failure);
    return blas->description != NULL;
}
