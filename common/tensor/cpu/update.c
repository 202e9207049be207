#include "common/tensor/update.h"
#include "common/base/parallel.h"
#include "common/tensor/cpu/vector.h"

#define PIECE ((size_t)1 << 16) // 1 MiB of its four arrays: long enough for the prefetcher

static void with_mean(void *context, size_t begin, size_t end)
{
    const Update u = *(const Update *)context;
    real *restrict w = u.value, *restrict m = u.mean, *restrict v = u.square;
    const real *restrict dw = u.gradient;
    for (size_t i = begin; i < end; i++) {
        real g = u.gradient_scale * dw[i];
        m[i] = u.keep_mean * m[i] + u.take_mean * g;
        v[i] = u.keep_square * v[i] + u.take_square * (g * g);
        w[i] -= u.rate * m[i] / (real_sqrt(v[i]) * u.scale + u.epsilon);
    }
}

static void without_mean(void *context, size_t begin, size_t end)
{
    const Update u = *(const Update *)context;
    real *restrict w = u.value, *restrict v = u.square;
    const real *restrict dw = u.gradient;
    for (size_t i = begin; i < end; i++) {
        real g = u.gradient_scale * dw[i];
        v[i] = u.keep_square * v[i] + u.take_square * (g * g);
        w[i] -= u.rate * g / (real_sqrt(v[i]) * u.scale + u.epsilon);
    }
}

void cpu_update(const Device *device, const Update *update)
{
    (void)device;
    parallel_for(update->n, PIECE, update->mean ? with_mean : without_mean, (void *)update);
}
