/*
 * nextvlad_step SIZE BATCH FRAMES STEPS [--device=cuda [--precision=...]]: time training
 * steps of NeXtVLAD on frames that are in memory: dequantise, normalise, forward, loss, backward, clip,
 * Adam; then, alone, the products of the step. What a step does is tests/bench/nextvlad_torch.py's too.
 * On CUDA a step is under way while the next one is begun, as in training, and products are left out.
 *
 *   small  the league's: 16 clusters, 4 groups, no expansion, 256 hidden units, 60 classes
 *   large  the paper's: 128 clusters, 8 groups, expansion 2, 2,048 hidden units, 3,862 classes
 *   small-plain, large-plain: the same, and the expansion is on every frame, whatever that costs
 *   small-told, large-told: on a GPU too it is moved where that takes fewer multiplications
 *
 * Prints "step MS" for each step but the first two, "products MS" for each round, and "memory MIB".
 */
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/tensor/cpu/gemm.h"
#include "models/layers/expansion.h"
#include "tests/bench/help/model_bench.h"

#include <stdlib.h>
#include <string.h>

enum { THREADS = 2, WARM_UP = 2, WARM_UP_CUDA = 8 };

static const char *const small[] = { "--clusters=16", "--groups=4", "--expansion=1", "--hidden=256",
                                     "--classes=60" };

static bool run(ModelBench *bench, size_t steps, Failure *failure)
{
    Learner learner = model_bench_learner(bench);
    bool is_host = bench->device.is_host;
    size_t warm_up = is_host ? WARM_UP : WARM_UP_CUDA;
    for (size_t step = 0; step < warm_up + steps; step++) {
        double begun = progress_clock();
        if (!model_bench_step(bench, &learner, step, failure))
            return false;
        if (step >= warm_up)
            printf(is_host ? "step %.1f\n" : "step %.3f\n", 1e3 * (progress_clock() - begun));
    }
    printf("memory %zu\n", plan_bytes(bench->plan) >> 20);
    return model_bench_settle(&learner, failure);
}

/* ---- the products alone ---- */

typedef struct Products {
    const Blas *blas;
    real *a, *b, *c; // large enough for each
    double seconds;
} Products;

static void product(Products *p, size_t m, size_t n, size_t k, Transpose a, Transpose b)
{
    Matrix left = { p->a, a == AS_IS ? k : m, a }, right = { p->b, b == AS_IS ? n : k, b };
    gemm(p->blas, m, n, k, left, right, 0, (Matrix){ p->c, n, AS_IS });
}

/* x W [rows, in] [in, out], forward and both gradients. */
static void layer(Products *p, size_t rows, size_t in, size_t out, bool of_input)
{
    product(p, rows, out, in, AS_IS, AS_IS);
    product(p, in, out, rows, TRANSPOSED, AS_IS);
    if (of_input)
        product(p, rows, in, out, AS_IS, TRANSPOSED);
}

typedef struct Pooling {
    const Products *p;
    size_t f, K, vectors;
} Pooling;

static void pool(void *context, size_t begin, size_t end)
{
    const Pooling *o = context;
    size_t f = o->f, K = o->K, n = o->vectors;
    for (size_t video = begin; video < end; video++) {
        real *x = o->p->a + video * n * f, *w = o->p->b + video * n * K,
             *V = o->p->c + video * f * K;
        Matrix xs = { x, f, AS_IS }, ws = { w, K, AS_IS }, Vs = { V, K, AS_IS };
        Matrix xt = { x, f, TRANSPOSED }, Vt = { V, K, TRANSPOSED };
        gemm_serial(o->p->blas, f, K, n, xt, ws, 0, Vs);
        gemm_serial(o->p->blas, n, K, f, xs, Vs, 0, ws);
        gemm_serial(o->p->blas, n, f, K, ws, Vt, 0, xs);
    }
}

static void pool_frames(void *context, size_t begin, size_t end)
{
    const Pooling *o = context;
    size_t N = o->f, pairs = o->K, n = o->vectors;
    for (size_t video = begin; video < end; video++) {
        real *x = o->p->a + video * n * N, *w = o->p->b + video * n * pairs,
             *P = o->p->c + video * pairs * N;
        Matrix xs = { x, N, AS_IS }, wt = { w, pairs, TRANSPOSED }, ws = { w, pairs, AS_IS };
        gemm_serial(o->p->blas, pairs, N, n, wt, xs, 0, (Matrix){ P, N, AS_IS });
        gemm_serial(o->p->blas, n, pairs, N, xs, (Matrix){ P, N, TRANSPOSED }, 0, ws);
    }
}

/* The expansion behind the sums over frames. */
static void moved_stream(Products *p, const ModelBench *bench, size_t in, size_t d, size_t G,
                         size_t K)
{
    size_t rows = bench->batch.rows;
    Pooling pooling = { p, in, G * K, bench->frames };
    layer(p, in, d, G * K + G, true); // of parameters
    layer(p, rows, in, G * K + G, false);
    parallel_for(bench->videos, 1, pool_frames, &pooling);
    layer(p, bench->videos * K, G * in, d / G, true);
}

static void stream(Products *p, const ModelBench *bench, size_t in, size_t d, size_t G, size_t K)
{
    size_t rows = bench->batch.rows;
    Pooling pooling = { p, d / G, K, bench->frames * G };
    ExpansionSizes sizes = { bench->frames, bench->videos, in, d, G, K, true };
    if (!bench->plain && expansion_cost_moved(&sizes) < expansion_cost_on_frames(&sizes)) {
        moved_stream(p, bench, in, d, G, K);
        return;
    }
    layer(p, rows, in, d, false);
    layer(p, rows, d, G, true);
    layer(p, rows, d, G * K, true);
    parallel_for(bench->videos, 1, pool, &pooling);
}

static void all_products(Products *p, const ModelBench *bench)
{
    const OptionValues *v = &bench->values;
    size_t K = option_size(v, "clusters"), G = option_size(v, "groups"),
           expansion = option_size(v, "expansion"), H = option_size(v, "hidden"),
           squeezed = H / option_size(v, "gate-reduction"), videos = bench->videos;
    size_t D = expansion * (1024 * K / G + 128 * K / G);
    double begun = progress_clock();
    stream(p, bench, 1024, expansion * 1024, G, K);
    stream(p, bench, 128, expansion * 128, G / 2, K / 2);
    layer(p, videos, D, H, true);
    layer(p, videos, H, squeezed, true);
    layer(p, videos, squeezed, H, true);
    layer(p, videos, H, bench->spec.classes, true);
    p->seconds = progress_clock() - begun;
}

static bool time_products(const ModelBench *bench, size_t rounds, Failure *failure)
{
    Products p = { .blas = bench->device.blas };
    size_t bytes = (size_t)1 << 29; // the hidden layer's weights are 302 MB
    p.a = bench->device.allocate(&bench->device, bytes);
    p.b = bench->device.allocate(&bench->device, bytes);
    p.c = bench->device.allocate(&bench->device, bytes);
    if (!p.a || !p.b || !p.c)
        return fail(failure, EX_OSERR, "out of memory");
    memset(p.a, 0, bytes);
    memset(p.b, 0, bytes);
    memset(p.c, 0, bytes);
    all_products(&p, bench);
    for (size_t round = 0; round < rounds; round++) {
        all_products(&p, bench);
        printf("products %.1f\n", 1e3 * p.seconds);
    }
    bench->device.release(&bench->device, p.a, bytes);
    bench->device.release(&bench->device, p.b, bytes);
    bench->device.release(&bench->device, p.c, bytes);
    return true;
}

int main(int argc, char **argv)
{
    static ModelBench bench;
    const char *words[16];
    Failure failure = { 0 };
    int count = 0;
    bool enough = argc >= 5, is_small = enough && strncmp(argv[1], "small", 5) == 0;
    bool is_large = enough && strncmp(argv[1], "large", 5) == 0;
    const char *form = is_small || is_large ? argv[1] + 5 : "";
    size_t videos = enough ? strtoul(argv[2], NULL, 10) : 0;
    size_t frames = enough ? strtoul(argv[3], NULL, 10) : 0;
    size_t steps = enough ? strtoul(argv[4], NULL, 10) : 0;
    for (size_t i = 0; is_small && i < sizeof small / sizeof *small; i++)
        words[count++] = small[i];
    for (int i = 5; i < argc && count < 16; i++)
        words[count++] = argv[i];
    bench.plain = strcmp(form, "-plain") == 0;
    bench.told = strcmp(form, "-told") == 0;
    parallel_threads(argc > 5 ? 0 : THREADS);
    if (!steps || !videos || !frames || (!is_small && !is_large)
        || (*form && !bench.plain && !bench.told))
        fail(&failure, EX_USAGE,
             "usage: nextvlad_step SIZE BATCH FRAMES STEPS [--OPTION=VALUE ...]; SIZE is small or "
             "large, or one of them with -plain or -told");
    else if (model_bench_open(&bench, "nextvlad", count, words, videos, frames, &failure)
             && run(&bench, steps, &failure) && bench.device.is_host)
        time_products(&bench, steps, &failure);
    model_bench_close(&bench);
    return failure_report(&failure, "nextvlad_step");
}
