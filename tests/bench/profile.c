/*
 * profile MODEL BATCH FRAMES STEPS [--OPTION=VALUE ...]: where a training step's time goes, op by
 * op, beside what the device could do. Options are those of model_bench_open.
 */
#include "common/base/progress.h"
#include "common/tensor/profile.h"
#include "tests/bench/help/model_bench.h"

#include <stdlib.h>

enum { WARM_UP = 2 };

/* The optimiser reads gradients twice (once to clip), and reads and writes a value and two moments. */
#define UPDATE_BYTES ((double)(2 + 3 * 2) * sizeof(real))

static void print_update(const ModelBench *bench, const DeviceLimits *limits, double seconds)
{
    double elements = 0;
    for (size_t i = 0; i < bench->parameters.count; i++)
        if (bench->parameters.slot[i].trained)
            elements += (double)bench->parameters.elements[i];
    double bytes = elements * UPDATE_BYTES;
    printf("clip and update of %.0f parameters: %.3f ms, %.2f MB, %.1f GB/s, %.0f%% of the limit\n",
           elements, 1e3 * seconds, bytes / 1e6, bytes / seconds / 1e9,
           100 * bytes / limits->bytes / seconds);
}

static bool run(ModelBench *bench, size_t steps, Failure *failure)
{
    DeviceLimits limits;
    Learner warm_up = model_bench_learner(bench);
    if (!device_limits(&limits, &bench->device, bench->arena, failure))
        return false;
    for (size_t step = 0; step < WARM_UP; step++)
        if (!model_bench_step(bench, &warm_up, step, failure))
            return false;
    if (!model_bench_settle(&warm_up, failure))
        return false;
    plan_measure(bench->plan);
    Learner learner = model_bench_learner(bench);
    double begun = progress_clock();
    for (size_t step = 0; step < steps; step++)
        if (!model_bench_step(bench, &learner, WARM_UP + step, failure))
            return false;
    if (!model_bench_settle(&learner, failure))
        return false;
    double seconds = (progress_clock() - begun) / (double)steps;
    plan_profile(bench->plan, &limits, stdout);
    if (bench->device.is_host)
        print_update(bench, &limits, learner.update_seconds / (double)steps);
    printf("a step of %zu videos of %zu frames: %.3f ms, %zu MiB; %s\n", bench->videos,
           bench->frames, 1e3 * seconds, plan_bytes(bench->plan) >> 20, bench->device.numerics);
    printf("limits, measured: %.1f GFLOP/s in a large product, %.1f GB/s read and written\n",
           limits.operations / 1e9, limits.bytes / 1e9);
    return true;
}

int main(int argc, char **argv)
{
    static ModelBench bench;
    Failure failure = { 0 };
    bool enough = argc >= 5;
    size_t videos = enough ? strtoul(argv[2], NULL, 10) : 0;
    size_t frames = enough ? strtoul(argv[3], NULL, 10) : 0;
    size_t steps = enough ? strtoul(argv[4], NULL, 10) : 0;
    if (!steps || !videos || !frames)
        fail(&failure, EX_USAGE, "usage: profile MODEL BATCH FRAMES STEPS [--OPTION=VALUE ...]");
    else if (model_bench_open(&bench, argv[1], argc - 5, (const char *const *)argv + 5, videos,
                              frames, &failure))
        run(&bench, steps, &failure);
    model_bench_close(&bench);
    return failure_report(&failure, "profile");
}
