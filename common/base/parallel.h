/*
 * Parallel-for over pieces of fixed size.
 *
 * The pieces depend on `count` and `grain` alone, never on the number of threads, so whatever a
 * piece computes is the same for any number of threads.
 */
#ifndef PODIUM_BASE_PARALLEL_H
#define PODIUM_BASE_PARALLEL_H

#include <stddef.h>

typedef void ParallelBody(void *context, size_t begin, size_t end);

/*
 * Call body(context, begin, end) for the pieces [0, grain), [grain, 2 grain), ... of [0, count), on
 * all threads, in any order. Returns when all are done. From inside a piece it runs serially.
 *
 *   grain  elements in a piece, at least 1
 */
void parallel_for(size_t count, size_t grain, ParallelBody *body, void *context);

/* How many threads parallel_for uses from now on; 0: as many as there are cores to run on. */
void parallel_threads(size_t threads);

/* The number of threads that parallel_for uses. */
size_t parallel_thread_count(void);

#endif
