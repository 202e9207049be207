/* average_precision: CPU seconds for AP from scores, per million entries; 100,000 at a time. */
#include "common/rank/average_precision.h"

#include <stdio.h>
#include <time.h>

#define ENTRIES ((size_t)100000)
#define ROUNDS 50

static double cpu_seconds(void)
{
    struct timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static bool fill(float **scores, uint8_t **positive, Arena *arena, Failure *failure)
{
    uint64_t state = 1;
    if (!arena_array(arena, *scores, ENTRIES, failure)
        || !arena_array(arena, *positive, ENTRIES, failure))
        return false;
    for (size_t i = 0; i < ENTRIES; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        (*scores)[i] = (float)(state >> 40) / (float)(1 << 24);
        (*positive)[i] = (state >> 20) % 100 == 0;
    }
    return true;
}

int main(void)
{
    Arena arena = { 0 };
    Failure failure = { 0 };
    float *scores;
    uint8_t *positive;
    double value, best = 1e9;
    bool ok =
        arena_open(&arena, (size_t)1 << 26, &failure) && fill(&scores, &positive, &arena, &failure);
    for (int round = 0; ok && round < ROUNDS; round++) {
        double began = cpu_seconds();
        ok = average_precision_of_scores(scores, positive, ENTRIES, RANKS_ALL, POSITIVES_OF_LIST,
                                         &value, arena, &failure);
        double seconds = cpu_seconds() - began;
        best = seconds < best ? seconds : best;
    }
    if (ok)
        printf("scores %.6f\n", best / (double)ENTRIES * 1e6);
    arena_close(&arena);
    return failure_report(&failure, "average_precision");
}
