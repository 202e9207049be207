#include "common/rank/class_fusion.h"
#include "common/rank/rows_in_step.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"

#include <pthread.h>

#define TABLE_BYTES ((size_t)32 << 20) // of all threads' tables of segments

/* How many bits a number below 2^n has. */
static int bits_of(size_t number)
{
    int bits = 0;
    while (number >> bits)
        bits++;
    return bits;
}

PlacePoints rank_points(const RankFusion *fusion, size_t file)
{
    double largest = 0;
    for (size_t i = 0; i < fusion->count; i++)
        largest = fusion->weights[i] > largest ? fusion->weights[i] : largest;
    int exponent =
        61 - bits_of(fusion->count - 1) - ilogb(largest); // weights are below 2^(ilogb + 1)
    return (PlacePoints){ ldexp(fusion->weights[file], exponent) * fusion->w0, fusion->w0 };
}

/* Files being opened. */
typedef struct Opening {
    RankFusion *fusion;
    const char *const *paths;
    Failure *failures; // [fusion->count]
} Opening;

static void read_files(void *context, size_t begin, size_t end)
{
    const Opening *opening = context;
    for (size_t i = begin; i < end; i++)
        submission_rows_read(&opening->fusion->files[i], opening->paths[i], &opening->failures[i]);
}

bool rank_fusion_open(RankFusion *fusion, const char *const *paths, Arena *arena, Failure *failure)
{
    Arena scratch;
    Opening opening = { fusion, paths, NULL };
    if (fusion->count == 0)
        return fail(failure, EX_USAGE, "no files; name the submissions to fuse");
    if (!arena_array(arena, fusion->files, fusion->count, failure))
        return false;
    scratch = *arena;
    if (!arena_array(&scratch, opening.failures, fusion->count, failure))
        return false;
    parallel_for(fusion->count, 1, read_files, &opening);
    for (size_t i = 0; i < fusion->count; i++) {
        const Failure *own = &opening.failures[i];
        if (own->code != EX_OK)
            return fail(failure, own->code, "%s", own->message);
        if (!submission_rows_same(&fusion->files[0], &fusion->files[i], failure))
            return false;
    }
    return true;
}

void rank_fusion_close(RankFusion *fusion)
{
    for (size_t i = 0; fusion->files && i < fusion->count; i++)
        submission_rows_close(&fusion->files[i]);
    *fusion = (RankFusion){ 0 };
}

/* Classes being fused by several threads, each of which takes the next one. */
typedef struct Fusing {
    AtomicFile *file;
    ClassFusion *workers;
    size_t classes;        // 0: not known
    pthread_mutex_t mutex; // of all that follows
    pthread_cond_t turned;
    RowsInStep *in_step;   // where rows come from; NULL: each worker reads its own
    size_t taken, written; // classes
    Failure *failure;      // of the first class that has one
    Progress progress;
} Fusing;

/* Give a worker the next class. false: there is none, or a class before has failed. */
static bool take_class(Fusing *fusing, ClassFusion *worker, size_t *class)
{
    pthread_mutex_lock(&fusing->mutex);
    bool any = fusing->failure->code == EX_OK
        && (fusing->in_step ? rows_in_step_next(fusing->in_step, worker->rows)
                            : fusing->taken < fusing->classes);
    *class = fusing->taken;
    fusing->taken += any;
    pthread_mutex_unlock(&fusing->mutex);
    return any;
}

/* Wait until all classes before are written. Whether none of them has failed. */
static bool wait_for_turn(Fusing *fusing, size_t class)
{
    pthread_mutex_lock(&fusing->mutex);
    while (fusing->written < class)
        pthread_cond_wait(&fusing->turned, &fusing->mutex);
    bool ok = fusing->failure->code == EX_OK;
    pthread_mutex_unlock(&fusing->mutex);
    return ok;
}

static void end_turn(Fusing *fusing, const Failure *own)
{
    pthread_mutex_lock(&fusing->mutex);
    if (own->code != EX_OK)
        fail(fusing->failure, own->code, "%s", own->message);
    fusing->written++;
    progress_update(&fusing->progress, fusing->written, NULL);
    pthread_cond_broadcast(&fusing->turned);
    pthread_mutex_unlock(&fusing->mutex);
}

static void work(void *context, size_t begin, size_t end)
{
    Fusing *fusing = context;
    size_t class;
    (void)end; // one worker a piece
    ClassFusion *worker = &fusing->workers[begin];
    while (take_class(fusing, worker, &class)) {
        Failure failure = { 0 };
        bool ok = fusing->in_step ? class_fusion_run_rows(worker, &failure)
                                  : class_fusion_run(worker, class, &failure);
        if (wait_for_turn(fusing, class) && ok)
            class_fusion_write(worker, fusing->file, &failure);
        end_turn(fusing, &failure);
    }
}

static bool fuse_classes(Fusing *fusing, size_t count)
{
    pthread_mutex_init(&fusing->mutex, NULL);
    pthread_cond_init(&fusing->turned, NULL);
    progress_begin(&fusing->progress, "rankfuse", "classes", 0, fusing->classes);
    parallel_for(count, 1, work, fusing);
    progress_end(&fusing->progress, fusing->written, NULL);
    pthread_cond_destroy(&fusing->turned);
    pthread_mutex_destroy(&fusing->mutex);
    return fusing->failure->code == EX_OK;
}

/* Entries of each part of a thread's table: so that all tables together take at most TABLE_BYTES. */
static size_t part_of(size_t threads)
{
    size_t part = SEGMENT_MOST_PART;
    while (threads * part * SEGMENT_PARTS * sizeof(uint64_t) > TABLE_BYTES)
        part /= 2;
    return part;
}

/* Write all classes, with so many threads at most. */
static bool fuse(Fusing *fusing, const RankFusion *fusion, size_t most, Arena scratch)
{
    Failure *failure = fusing->failure;
    size_t threads = parallel_thread_count(), opened = 0;
    threads = threads < RANK_FUSION_MOST_THREADS ? threads : RANK_FUSION_MOST_THREADS;
    threads = threads < most ? threads : most;
    bool ok = arena_array(&scratch, fusing->workers, threads, failure);
    while (ok && opened < threads)
        ok = class_fusion_open(&fusing->workers[opened++], fusion, part_of(threads), &scratch,
                               failure);
    ok = ok && atomic_file_print(fusing->file, failure, SUBMISSION_2019_HEADER "\n")
        && fuse_classes(fusing, threads);
    while (opened > 0)
        class_fusion_close(&fusing->workers[--opened]);
    return ok;
}

bool rank_fusion_write(RankFusion *fusion, AtomicFile *file, Arena scratch, Failure *failure)
{
    Fusing fusing = { .file = file, .classes = fusion->files[0].count, .failure = failure };
    return fuse(&fusing, fusion, fusing.classes, scratch);
}

/* Fuse files whose rows are in step. false: these are not, or `failure` says what else. */
static bool fuse_in_step(const RankFusion *fusion, const char *const *paths, AtomicFile *file,
                         Arena scratch, Failure *failure)
{
    RowsInStep rows;
    Fusing fusing = { .file = file, .in_step = &rows, .failure = failure };
    bool ok = rows_in_step_open(&rows, paths, fusion->count, &scratch, failure) && !rows.out_of_step
        && fuse(&fusing, fusion, SIZE_MAX, scratch) && rows_in_step_done(&rows);
    rows_in_step_close(&rows);
    if (failure->code == EX_DATAERR) // of which nobody knows yet what it is
        *failure = (Failure){ 0 };
    return ok;
}

bool rank_fusion_run(RankFusion *fusion, const char *const *paths, AtomicFile *file, Arena *arena,
                     Failure *failure)
{
    return fuse_in_step(fusion, paths, file, *arena, failure)
        || (failure->code == EX_OK && atomic_file_restart(file, failure)
            && rank_fusion_open(fusion, paths, arena, failure)
            && rank_fusion_write(fusion, file, *arena, failure));
}
