#include "common/base/parallel.h"

#include <omp.h>
#include <stdint.h>

void parallel_for(size_t count, size_t grain, ParallelBody *body, void *context)
{
    size_t pieces = count / grain + (count % grain != 0);
    if (pieces <= 1 || omp_in_parallel() || omp_get_max_threads() == 1) {
        for (size_t piece = 0; piece < pieces; piece++) {
            size_t begin = piece * grain;
            body(context, begin, count - begin < grain ? count : begin + grain);
        }
        return;
    }
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t piece = 0; piece < pieces; piece++) {
        size_t begin = piece * grain;
        body(context, begin, count - begin < grain ? count : begin + grain);
    }
}

void parallel_threads(size_t threads)
{
    omp_set_num_threads(threads ? (int)threads : omp_get_num_procs());
}

size_t parallel_thread_count(void)
{
    return (size_t)omp_get_max_threads();
}
