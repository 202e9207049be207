/*
 * nextvlad_step small|large BATCH FRAMES STEPS [profile] [--device=cuda [--precision=...]]: time training
 * steps of NeXtVLAD on frames that are in memory: dequantise, normalise, forward, loss, backward, clip,
 * Adam; then, alone, the products of the step. What a step does is tests/bench/nextvlad_torch.py's too.
 * On CUDA a step is under way while the next one is begun, as in training, and products are left out.
 *
 *   small  the league's: 16 clusters, 4 groups, no expansion, 256 hidden units, 60 classes
 *   large  the paper's: 128 clusters, 8 groups, expansion 2, 2,048 hidden units, 3,862 classes
 *
 * Prints "step MS" for each step but the first two, "products MS" for each round, and "memory MIB".
 */
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/learn/learner.h"
#include "common/tensor/cpu/gemm.h"
#include "common/tensor/load.h"
#include "models/layers/network.h"

#include <stdlib.h>
#include <string.h>

enum { LABELS = 3, WIDTH = 1152, THREADS = 2, WARM_UP = 2, WARM_UP_CUDA = 8 };

static const Option device_options[] = { DEVICE_OPTIONS, { 0 } };

typedef struct Bench {
    Arena arena;
    Device device;
    Network network;
    NetworkSpec spec;
    OptionValues values;
    Parameters parameters;
    Optimiser optimiser;
    Plan *plan;
    Batch batch;
    size_t videos, frames; // frames of each video
} Bench;

static const char *const small[] = { "nextvlad_step", "--clusters=16", "--groups=4",
                                     "--expansion=1", "--hidden=256",  "--classes=60" };
static const char *const large[] = { "nextvlad_step" };

/* A batch as a loader would hand it over. */
static bool make_batch(Bench *bench, Failure *failure)
{
    uint8_t *frames;
    float *scores;
    uint32_t *first, *row_first, *classes, words[4];
    PhiloxKey key = philox_key(1, "bench");
    Arena *arena = &bench->arena;
    size_t videos = bench->videos, rows = videos * bench->frames;
    if (!arena_array(arena, frames, rows * WIDTH, failure)
        || !arena_array(arena, scores, videos * LABELS, failure)
        || !arena_array(arena, classes, videos * LABELS, failure)
        || !arena_array(arena, first, videos + 1, failure)
        || !arena_array(arena, row_first, videos + 1, failure))
        return false;
    for (size_t i = 0; i < rows * WIDTH; i += 4) {
        philox(key, 0, i, words);
        memcpy(frames + i, words, 4);
    }
    for (size_t i = 0; i < videos * LABELS; i++) {
        philox(key, 1, i, words);
        classes[i] = words[0] % (uint32_t)bench->spec.classes;
        scores[i] = 1;
    }
    for (size_t i = 0; i <= videos; i++) {
        first[i] = (uint32_t)(i * LABELS);
        row_first[i] = (uint32_t)(i * bench->frames);
    }
    bench->batch = (Batch){ .count = videos,
                            .width = WIDTH,
                            .rows = rows,
                            .row_first = row_first,
                            .frames = frames,
                            .label_first = first,
                            .label_class = classes,
                            .label_score = scores };
    return true;
}

static bool read_options(Bench *bench, const char *size, Failure *failure)
{
    bool is_small = strcmp(size, "small") == 0;
    const char *const *words = is_small ? small : large;
    int count = is_small ? (int)(sizeof small / sizeof *small) : 1;
    const Model *model = model_find("nextvlad");
    const Option *tables[] = { model->options, network_options };
    if (!is_small && strcmp(size, "large") != 0)
        return fail(failure, EX_USAGE, "%s: small or large", size);
    if (!options_parse(&bench->values, tables, 2, count, (char *const *)words, &bench->arena,
                       failure)
        || !feature_specs_parse(&bench->spec.features, "rgb:1024,audio:128", &bench->arena,
                                failure))
        return false;
    bench->spec.model = model;
    bench->spec.values = &bench->values;
    network_spec_read(&bench->spec, &bench->values);
    return true;
}

static Feed feed_of(const Network *n)
{
    return (Feed){ n->batch, n->frames, n->labels, n->features, n->label_classes, n->label_scores };
}

static bool build(Bench *bench, Failure *failure)
{
    Arena *arena = &bench->arena;
    Network *network = &bench->network;
    OptimiserSettings adam = { OPTIMISER_ADAM, CLIP_PER_VARIABLE, 1 };
    LoaderBounds most = { bench->videos, bench->videos * bench->frames, bench->videos * LABELS };
    size_t bounds[FEED_MOST_AXES];
    if (!network_build(network, &bench->spec, true, arena, failure)
        || !parameters_create(&bench->parameters, network->graph, &bench->device, true, arena,
                              failure)
        || !optimiser_create(&bench->optimiser, adam, &bench->parameters, arena, failure)
        || !parameters_initialise(&bench->parameters, 1, *arena, failure))
        return false;
    Feed feed = feed_of(network);
    feed_bounds(&feed, most, bounds);
    bench->plan =
        plan_create(network->graph, &bench->device, bounds, NULL, 0, true, arena, failure);
    if (bench->plan)
        plan_bind_parameters(bench->plan, bench->parameters.value, bench->parameters.gradient);
    return bench->plan != NULL;
}

static bool run(Bench *bench, size_t steps, bool profile, Failure *failure)
{
    Learner learner = { .feed = feed_of(&bench->network),
                        .plan = bench->plan,
                        .parameters = &bench->parameters,
                        .optimiser = &bench->optimiser,
                        .seed = 1 };
    double loss;
    bool is_host = bench->device.is_host;
    size_t warm_up = is_host ? WARM_UP : WARM_UP_CUDA;
    if (profile)
        plan_measure(bench->plan);
    for (size_t step = 0; step < warm_up + steps; step++) {
        double begun = progress_clock();
        if (!learner_begin(&learner, &bench->batch, 2e-4, step, failure))
            return false;
        while (learner.begun_count > (is_host ? 0 : 1))
            if (!learner_end(&learner, &loss, failure))
                return false;
        if (step >= warm_up)
            printf(is_host ? "step %.1f\n" : "step %.3f\n", 1e3 * (progress_clock() - begun));
    }
    while (learner.begun_count)
        if (!learner_end(&learner, &loss, failure))
            return false;
    printf("memory %zu\n", plan_bytes(bench->plan) >> 20);
    if (profile) {
        plan_profile(bench->plan, stderr);
        fprintf(stderr, "forward and backward %.3f s, clip and update %.3f s, %zu steps, %s\n",
                learner.run_seconds, learner.update_seconds, warm_up + steps,
                bench->device.numerics);
    }
    return true;
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

static void stream(Products *p, const Bench *bench, size_t in, size_t d, size_t G, size_t K)
{
    size_t rows = bench->batch.rows;
    Pooling pooling = { p, d / G, K, bench->frames * G };
    layer(p, rows, in, d, false);
    layer(p, rows, d, G, true);
    layer(p, rows, d, G * K, true);
    parallel_for(bench->videos, 1, pool, &pooling);
}

static void all_products(Products *p, const Bench *bench)
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

static bool time_products(const Bench *bench, size_t rounds, Failure *failure)
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

/* The device of the options behind the fifth word. */
static bool open_device(Bench *bench, int argc, char **argv, Failure *failure)
{
    OptionValues values;
    const Option *tables[] = { device_options };
    return options_parse(&values, tables, 1, argc - 4, argv + 4, &bench->arena, failure)
        && device_open(&bench->device, &values, argv[0], &bench->arena, failure)
        && device_begin(&bench->device, failure);
}

int main(int argc, char **argv)
{
    static Bench bench;
    bool profile = argc > 5 && strcmp(argv[5], "profile") == 0;
    Failure failure = { 0 };
    bool enough = argc >= 5;
    size_t steps = enough ? strtoul(argv[4], NULL, 10) : 0;
    bench.videos = enough ? strtoul(argv[2], NULL, 10) : 0;
    bench.frames = enough ? strtoul(argv[3], NULL, 10) : 0;
    parallel_threads(argc > 5 && strcmp(argv[argc - 1], "profile") != 0 ? 0 : THREADS);
    if (!steps || !bench.videos || !bench.frames)
        fail(&failure, EX_USAGE, "usage: nextvlad_step small|large BATCH FRAMES STEPS [profile]");
    else if (arena_open(&bench.arena, ARENA_LARGE, &failure)
             && open_device(&bench, argc - profile, argv + profile, &failure)
             && read_options(&bench, argv[1], &failure) && make_batch(&bench, &failure)
             && build(&bench, &failure) && run(&bench, steps, profile, &failure)
             && bench.device.is_host)
        time_products(&bench, steps, &failure);
    plan_destroy(bench.plan);
    optimiser_destroy(&bench.optimiser);
    parameters_destroy(&bench.parameters);
    device_close(&bench.device);
    arena_close(&bench.arena);
    return failure_report(&failure, "nextvlad_step");
}
