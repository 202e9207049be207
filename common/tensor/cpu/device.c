#include "common/tensor/device.h"
#include "common/base/parallel.h"
#include "common/tensor/cpu/gemm.h"
#include "common/tensor/cpu/reduce.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

/* Elements that a piece should hold: long enough to hide the cost of handing it out. */
#define PIECE_ELEMENTS ((size_t)16384)
#define PIECE_COLUMNS ((size_t)64) // four cache lines of floats: pieces share none
#define WIDE_COLUMNS ((size_t)256) // where there are many: longer runs of memory in each row
#define WIDE_PIECES ((size_t)16)   // so many

static void *allocate(const Device *device, size_t bytes)
{
    (void)device;
    void *memory = mmap(NULL, bytes ? bytes : 1, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED)
        return NULL;
    madvise(memory, bytes, MADV_HUGEPAGE); // a hint: fewer page faults and TLB misses
    return memory;
}

static void release(const Device *device, void *memory, size_t bytes)
{
    (void)device;
    munmap(memory, bytes ? bytes : 1);
}

/* The CPU's memory is the host's. */
static void copy(const Device *device, void *to, const void *from, size_t bytes)
{
    (void)device;
    memcpy(to, from, bytes);
}

/* Columns that make a piece of some rows. */
static size_t column_grain(size_t rows, size_t width)
{
    size_t columns = PIECE_ELEMENTS / (rows ? rows : 1) / PIECE_COLUMNS * PIECE_COLUMNS;
    size_t least = width >= WIDE_PIECES * WIDE_COLUMNS ? WIDE_COLUMNS : PIECE_COLUMNS;
    return columns > least ? columns : least;
}

static size_t unknown(const Device *device)
{
    (void)device;
    return 0;
}

static size_t no_workspace(const Device *device, const OpRun *run)
{
    (void)device, (void)run;
    return 0;
}

static bool always_well(const Device *device, Failure *failure)
{
    (void)device, (void)failure;
    return true;
}

static void add_sum(const Device *device, double *sum, const OpTensor *x)
{
    uint32_t all[] = { 0, (uint32_t)x->rows };
    const uint32_t *slices = x->slices ? x->slices : all;
    (void)device;
    for (size_t i = 0; i < (x->slices ? x->slice_count : 1); i++)
        *sum += reduce_sum(x->data + slices[i], slices[i + 1] - slices[i]);
}

static void add_mean(const Device *device, double *total, const double *sum, const OpTensor *x,
                     double weight)
{
    (void)device;
    *total += x->total ? weight * *sum / (double)x->total : 0;
}

static void add_squares(const Device *device, double *total, const real *x, size_t n, double weight)
{
    (void)device;
    *total += weight * reduce_sum_of_squares(x, n);
}

static void add_share(const Device *device, const OpTensor *x, double weight)
{
    (void)device;
    for (size_t row = 0; row < x->rows; row++)
        x->gradient[row] += (real)(weight / (double)x->total);
}

static double sum_of_squares(const Device *device, const real *x, size_t n)
{
    (void)device;
    return reduce_sum_of_squares(x, n);
}

static void add_scaled(const Device *device, real *y, const real *x, real scale, size_t n)
{
    (void)device;
    reduce_add_scaled(y, x, scale, n);
}

static void clear(const Device *device, void *x, size_t bytes)
{
    (void)device;
    reduce_clear(x, bytes / sizeof(real));
}

/* How many elements of the split axis there are, and how many make a piece. */
static size_t extent(const OpRun *run, OpSplit split, size_t *grain)
{
    const OpTensor *input = &run->input[0], *output = &run->output;
    size_t width = split == OP_BY_ROW ? output->width : input->width;
    *grain = width >= PIECE_ELEMENTS ? 1 : PIECE_ELEMENTS / (width ? width : 1);
    switch (split) {
    case OP_BY_ROW:
        return output->rows;
    case OP_BY_INPUT_ROW:
        return input->rows;
    case OP_BY_GROUP:
        *grain = 1;
        return run->groups;
    case OP_BY_COLUMN:
        *grain = column_grain(output->rows, output->width);
        return output->width;
    case OP_BY_INPUT_COLUMN:
        *grain = column_grain(input->rows, input->width);
        return input->width;
    default:
        return 0;
    }
}

static void run_piece(void *context, size_t begin, size_t end)
{
    const OpRun *const *run = ((void **)context)[0];
    OpKernel *const *kernel = ((void **)context)[1];
    (*kernel)(*run, begin, end);
}

static void run_phases(const OpRun *run, const OpPhase phases[OP_MOST_PHASES])
{
    for (size_t i = 0; i < OP_MOST_PHASES && phases[i].split != OP_END; i++) {
        size_t grain = 1;
        OpKernel *kernel = phases[i].kernel;
        if (phases[i].split == OP_WHOLE) {
            kernel(run, 0, 1);
            continue;
        }
        size_t count = extent(run, phases[i].split, &grain);
        parallel_for(count, grain, run_piece, (void *[]){ &run, &kernel });
    }
}

void cpu_forward(const Device *device, const OpRun *run)
{
    (void)device;
    run_phases(run, run->op->forward);
}

void cpu_backward(const Device *device, const OpRun *run)
{
    (void)device;
    run_phases(run, run->op->backward);
}

#ifdef __AVX512F__
#define INSTRUCTIONS "AVX-512"
#else
#define INSTRUCTIONS "AVX2 and FMA"
#endif

/* Whether the CPU runs what the profile was compiled to. */
static bool has_instructions(void)
{
    __builtin_cpu_init();
#ifdef __AVX512F__
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw")
        && __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl");
#else
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#endif
}

/* The numerics profile, and what it runs on: what decides bits. */
static const char *describe(const Blas *blas, Arena *arena, Failure *failure)
{
#ifdef PODIUM_NATIVE
    return arena_format(arena, failure, "native in %d pieces, %s", PODIUM_PIECES,
                        blas->description);
#else
    return arena_format(arena, failure, "portable, %s", blas->description);
#endif
}

bool device_open_cpu(Device *device, Arena *arena, Failure *failure)
{
    Blas *blas;
    if (!has_instructions())
        return fail(
            failure, EX_UNAVAILABLE,
            "this CPU lacks %s, which the programs were compiled for; build in another folder",
            INSTRUCTIONS);
    if (!arena_array(arena, blas, 1, failure) || !blas_load(blas, arena, failure))
        return false;
    *device = (Device){ .name = "cpu",
                        .numerics = describe(blas, arena, failure),
                        .blas = blas,
                        .allocate = allocate,
                        .release = release,
                        .forward = cpu_forward,
                        .backward = cpu_backward,
                        .is_host = true,
                        .free_bytes = unknown,
                        .workspace_bytes = no_workspace,
                        .add_sum = add_sum,
                        .add_mean = add_mean,
                        .add_squares = add_squares,
                        .add_share = add_share,
                        .sum_of_squares = sum_of_squares,
                        .add_scaled = add_scaled,
                        .clear = clear,
                        .update = cpu_update,
                        .upload = copy,
                        .download = copy,
                        .check = always_well };
    return device->numerics != NULL;
}

bool device_begin(Device *device, Failure *failure)
{
    return !device->begin || device->begin(device, failure);
}

bool device_refuse(const Device *device, const char *what, size_t bytes, const char *smaller,
                   Failure *failure)
{
    char there[64] = "";
    size_t free_bytes = device->free_bytes(device);
    if (free_bytes)
        snprintf(there, sizeof there, ", and %zu MiB of %s are free", free_bytes >> 20,
                 device->name);
    return fail(failure, EX_OSERR, "out of memory: %s of %zu MiB%s; a smaller %s needs less", what,
                bytes >> 20, there, smaller);
}

void device_close(Device *device)
{
    if (device->close)
        device->close(device);
    device->close = NULL;
}
