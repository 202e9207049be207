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

/* A thread that fuses classes. It goes on with the next one while a class is left for others to write. */
typedef struct Worker {
    ClassFusion fusion;
    size_t left; // the class whose row is left, from 1 on; 0: none
} Worker;

/* Classes being fused by several threads, each of which takes the next one. */
typedef struct Fusing {
    AtomicFile *file;
    Worker *workers;
    size_t count;            // of workers
    size_t classes;          // 0: not known
    pthread_mutex_t reading; // of these two:
    RowsInStep *in_step;     // where rows come from; NULL: each worker reads its own
    size_t taken;            // classes
    pthread_mutex_t mutex;   // of all that follows, and of what workers left
    pthread_cond_t turned;
    size_t written;   // classes
    Failure *failure; // of the first class that has one
    Progress progress;
} Fusing;

static bool has_failed(Fusing *fusing)
{
    pthread_mutex_lock(&fusing->mutex);
    bool failed = fusing->failure->code != EX_OK;
    pthread_mutex_unlock(&fusing->mutex);
    return failed;
}

/* Give a worker the next class, from 1 on. 0: there is none, or a class before has failed. */
static size_t take_class(Fusing *fusing, Worker *worker)
{
    pthread_mutex_lock(&fusing->reading);
    bool any = !has_failed(fusing)
        && (fusing->in_step ? rows_in_step_next(fusing->in_step, worker->fusion.rows)
                            : fusing->taken < fusing->classes);
    size_t class = any ? ++fusing->taken : 0;
    pthread_mutex_unlock(&fusing->reading);
    return class;
}

/* Wait until others have written what the worker left. */
static void wait_for_left(Fusing *fusing, const Worker *worker)
{
    pthread_mutex_lock(&fusing->mutex);
    while (worker->left > 0)
        pthread_cond_wait(&fusing->turned, &fusing->mutex);
    pthread_mutex_unlock(&fusing->mutex);
}

/* Write the class whose turn it is, unless it or one before has failed. Locked, but not while it writes. */
static void take_turn(Fusing *fusing, Worker *worker, Failure *own)
{
    if (fusing->failure->code == EX_OK && own->code == EX_OK) {
        pthread_mutex_unlock(&fusing->mutex);
        class_fusion_write(&worker->fusion, fusing->file, own);
        pthread_mutex_lock(&fusing->mutex);
    }
    if (own->code != EX_OK)
        fail(fusing->failure, own->code, "%s", own->message);
    worker->left = 0;
    fusing->written++;
    progress_update(&fusing->progress, fusing->written, NULL);
    pthread_cond_broadcast(&fusing->turned);
}

/* The worker who left the class whose turn it is; NULL: it isn't there yet. Locked. */
static Worker *who_left(const Fusing *fusing)
{
    for (size_t i = 0; i < fusing->count; i++)
        if (fusing->workers[i].left == fusing->written + 1)
            return &fusing->workers[i];
    return NULL;
}

/* Leave a class whose row is whole to those who write classes before it; or wait for its turn, and write it. */
static void hand_over(Fusing *fusing, Worker *worker, size_t class, Failure *own)
{
    pthread_mutex_lock(&fusing->mutex);
    if (own->code == EX_OK && worker->fusion.whole && fusing->written + 1 < class) {
        worker->left = class;
        pthread_mutex_unlock(&fusing->mutex);
        return;
    }
    while (fusing->written + 1 < class)
        pthread_cond_wait(&fusing->turned, &fusing->mutex);
    take_turn(fusing, worker, own);
    for (Worker *next; (next = who_left(fusing)) != NULL;) {
        Failure failure = { 0 };
        take_turn(fusing, next, &failure);
    }
    pthread_mutex_unlock(&fusing->mutex);
}

static void work(void *context, size_t begin, size_t end)
{
    Fusing *fusing = context;
    (void)end; // one worker a piece
    Worker *worker = &fusing->workers[begin];
    for (size_t class; (class = take_class(fusing, worker)) > 0;) {
        Failure failure = { 0 };
        bool ok = fusing->in_step ? class_fusion_run_rows(&worker->fusion, &failure)
                                  : class_fusion_run(&worker->fusion, class - 1, &failure);
        wait_for_left(fusing, worker);
        if (ok)
            class_fusion_render(&worker->fusion);
        hand_over(fusing, worker, class, &failure);
    }
}

/* Fuse all classes; false: one has failed, or rows are out of step. */
static bool fuse_classes(Fusing *fusing)
{
    pthread_mutex_init(&fusing->reading, NULL);
    pthread_mutex_init(&fusing->mutex, NULL);
    pthread_cond_init(&fusing->turned, NULL);
    progress_begin(&fusing->progress, "rankfuse", "classes", 0, fusing->classes);
    parallel_for(fusing->count, 1, work, fusing);
    bool ok =
        fusing->failure->code == EX_OK && (!fusing->in_step || rows_in_step_done(fusing->in_step));
    if (ok)
        progress_end(&fusing->progress, fusing->written, NULL);
    pthread_cond_destroy(&fusing->turned);
    pthread_mutex_destroy(&fusing->mutex);
    pthread_mutex_destroy(&fusing->reading);
    return ok;
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
    fusing->count = threads;
    while (ok && opened < threads)
        ok = class_fusion_open(&fusing->workers[opened++].fusion, fusion, part_of(threads),
                               &scratch, failure);
    ok = ok && atomic_file_print(fusing->file, failure, SUBMISSION_2019_HEADER "\n")
        && fuse_classes(fusing);
    while (opened > 0)
        class_fusion_close(&fusing->workers[--opened].fusion);
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
        && fuse(&fusing, fusion, SIZE_MAX, scratch);
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
