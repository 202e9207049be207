/*
 * CUDA held against the CPU: the plugin under test, and how near two results must be.
 */
#ifndef PODIUM_TESTS_CUDA_PARITY_H
#define PODIUM_TESTS_CUDA_PARITY_H

#include "common/tensor/load.h"
#include "suite.h"

#include <math.h>
#include <string.h>

/*
 * |cuda - cpu| <= PARITY max(1, |cpu|): both compute in float32, with sums in another order (a few
 * thousand terms: 1e-6 of the largest), and exponentials and logarithms of other libraries (2e-7).
 */
#define PARITY 5e-5

extern const char *parity_plugin; // path, of the command line

/*
 * What rounded factors may add, of a tensor's largest number: 2^-11 and 2^-9 of each factor, in sums of some
 * hundred products, whose terms may cancel.
 */
#define PARITY_TF32 2e-3
#define PARITY_BF16 1e-2

static inline void parity_open_in(Precision precision, Device *cpu, Device *cuda, Arena *arena)
{
    Failure failure = { 0 };
    ck_assert(arena_open(arena, ARENA_LARGE, &failure));
    ck_assert_msg(device_open_cpu(cpu, arena, &failure), "%s", failure.message);
    ck_assert_msg(device_open_plugin(cuda, parity_plugin, precision, &failure)
                      && device_begin(cuda, &failure),
                  "%s", failure.message);
}

static inline void parity_open(Device *cpu, Device *cuda, Arena *arena)
{
    parity_open_in(PRECISION_FLOAT32, cpu, cuda, arena);
}

static inline void parity_close(Device *cuda, Arena *arena)
{
    Failure failure = { 0 };
    ck_assert_msg(cuda->check(cuda, &failure), "%s", failure.message);
    device_close(cuda);
    arena_close(arena);
}

/* The largest of n numbers, whatever their signs. */
static inline double parity_largest(const float *x, size_t n)
{
    double largest = 0;
    for (size_t i = 0; i < n; i++)
        largest = fmax(largest, fabs((double)x[i]));
    return largest;
}

static inline void parity_compare(const char *what, const float *cuda, const float *cpu, size_t n,
                                  double tolerance)
{
    for (size_t i = 0; i < n; i++) {
        double scale = fabs((double)cpu[i]) > 1 ? fabs((double)cpu[i]) : 1;
        ck_assert_msg(fabs((double)cuda[i] - (double)cpu[i]) <= tolerance * scale,
                      "%s[%zu]: CUDA says %.9g, the CPU %.9g", what, i, (double)cuda[i],
                      (double)cpu[i]);
    }
}

/* n numbers of the device, on the host. */
static inline float *parity_fetch(const Device *device, const float *data, size_t n, Arena *arena)
{
    float *copy;
    Failure failure = { 0 };
    ck_assert(arena_array(arena, copy, n, &failure));
    device->download(device, copy, data, n * sizeof *copy);
    return copy;
}

/* Emulated threads and blocks run from first to last, or the other way; a GPU doesn't care. */
static inline void parity_order(bool reversed)
{
    setenv("EMULATION_ORDER", reversed ? "reversed" : "", 1);
}

int parity_main(int argc, char *argv[], int (*run)(void));

#endif
