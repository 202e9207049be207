/*
 * model train|infer MODEL BATCH FRAMES STEPS [--OPTION=VALUE ...]: time a model on frames that are
 * in memory, or on means of videos where it reads those (FRAMES counts for nothing then).
 *
 *   train  steps: dequantise, normalise, forward, loss, backward, clip, Adam. On CUDA a step is
 *          under way while the next one is begun, as in training
 *   infer  batches: dequantise, normalise, forward, scores on the host. On CUDA a batch is under way
 *          while those of the one before are read, as in `predict`
 *
 * Options are those of model_bench_open. Prints "step MS" for each step but the first few,
 * "plan MIB", "parameters N" and "peak MIB": the most memory that the process has held. A peer says
 * so in the same words: tests/bench/help/torch_bench.py.
 */
#include "common/base/progress.h"
#include "tests/bench/help/model_bench.h"

#include <stdlib.h>
#include <string.h>

enum { WARM_UP = 2, WARM_UP_CUDA = 8 };

/* The process's peak, of its own memory: that of ru_maxrss begins with the shell's. */
static size_t peak_kib(void)
{
    char line[256];
    size_t kib = 0;
    FILE *status = fopen("/proc/self/status", "r");
    while (status && fgets(line, sizeof line, status))
        if (strncmp(line, "VmHWM:", 6) == 0)
            kib = strtoul(line + 6, NULL, 10);
    if (status)
        fclose(status);
    return kib;
}

static bool run(ModelBench *bench, size_t steps, Failure *failure)
{
    Learner learner = model_bench_learner(bench);
    size_t warm_up = bench->device.is_host ? WARM_UP : WARM_UP_CUDA;
    for (size_t step = 0; step < warm_up + steps; step++) {
        double begun = progress_clock();
        bool ok = bench->inference ? model_bench_infer(bench, step, failure)
                                   : model_bench_step(bench, &learner, step, failure);
        if (!ok)
            return false;
        if (step >= warm_up)
            printf("step %.3f\n", 1e3 * (progress_clock() - begun));
    }
    if (!model_bench_settle(&learner, failure))
        return false;
    printf("plan %zu\nparameters %zu\npeak %zu\n", plan_bytes(bench->plan) >> 20,
           parameters_trained(&bench->parameters), peak_kib() >> 10);
    return true;
}

int main(int argc, char **argv)
{
    static ModelBench bench;
    Failure failure = { 0 };
    bool enough = argc >= 6;
    size_t videos = enough ? strtoul(argv[3], NULL, 10) : 0;
    size_t frames = enough ? strtoul(argv[4], NULL, 10) : 0;
    size_t steps = enough ? strtoul(argv[5], NULL, 10) : 0;
    bench.inference = enough && strcmp(argv[1], "infer") == 0;
    if (!steps || !videos || !frames || (!bench.inference && strcmp(argv[1], "train") != 0))
        fail(&failure, EX_USAGE,
             "usage: model train|infer MODEL BATCH FRAMES STEPS [--OPTION=VALUE ...]");
    else if (model_bench_open(&bench, argv[2], argc - 6, (const char *const *)argv + 6, videos,
                              frames, &failure))
        run(&bench, steps, &failure);
    model_bench_close(&bench);
    return failure_report(&failure, "model");
}
