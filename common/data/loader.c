#include "common/data/batch_fill.h"

#include <string.h>

#define SPARE_BATCHES 2 // one that is used, one that is ready, beside one a thread

/* A place of the queue: batch n is filled in slot n mod `ahead`. */
typedef struct Slot {
    BatchMemory memory;
    bool ready; // filled, or failed
    Failure failure;
} Slot;

typedef struct Worker {
    pthread_t thread;
    Loader *loader;
    Arena scratch;
    bool running;
} Worker;

struct Loader {
    BatchSource source;
    Slot *slots;        // [settings.ahead]
    Worker *workers;    // [settings.threads]
    uint64_t batches;   // of all
    uint64_t taken;     // batches that a worker has begun
    uint64_t given;     // batches that the consumer got
    uint64_t delivered; // and those that it gave back
    bool stop;
    pthread_mutex_t mutex;
    pthread_cond_t filled, freed;
};

/* The next batch that a worker may fill: its slot must be free. False: there is no more to do. */
static bool take_ticket(Loader *loader, uint64_t *ticket)
{
    pthread_mutex_lock(&loader->mutex);
    while (!loader->stop && loader->taken < loader->batches
           && loader->taken - loader->delivered >= loader->source.settings.ahead)
        pthread_cond_wait(&loader->freed, &loader->mutex);
    bool ok = !loader->stop && loader->taken < loader->batches;
    if (ok)
        *ticket = loader->taken++;
    pthread_mutex_unlock(&loader->mutex);
    return ok;
}

static void *work(void *context)
{
    Worker *worker = context;
    Loader *loader = worker->loader;
    const LoaderSettings *settings = &loader->source.settings;
    uint64_t ticket;
    while (take_ticket(loader, &ticket)) {
        Slot *slot = &loader->slots[ticket % settings->ahead];
        bool ok =
            batch_fill(&slot->memory, &loader->source, settings->first + ticket * settings->batch,
                       worker->scratch, &slot->failure);
        pthread_mutex_lock(&loader->mutex);
        slot->ready = true;
        if (!ok)
            loader->batches = ticket + 1 < loader->batches ? ticket + 1 : loader->batches;
        pthread_cond_broadcast(&loader->filled);
        pthread_mutex_unlock(&loader->mutex);
    }
    return NULL;
}

static bool check_settings(LoaderSettings *settings, Failure *failure)
{
    if (settings->most_frames == 0)
        settings->most_frames = LOADER_MOST_FRAMES;
    if (settings->threads == 0)
        settings->threads = 1;
    if (settings->ahead == 0)
        settings->ahead = settings->threads + SPARE_BATCHES;
    if (settings->open_shards == 0 || settings->open_shards > SHARD_CACHE_MOST_OPEN)
        settings->open_shards = SHARD_CACHE_MOST_OPEN;
    if (settings->open_shards < settings->threads)
        settings->open_shards = settings->threads;
    if (settings->threads > SHARD_CACHE_MOST_OPEN)
        return fail(failure, EX_USAGE, "%zu threads are too many", settings->threads);
    if (settings->batch == 0 || settings->features->count == 0)
        return fail(failure, EX_USAGE, "a batch needs a size and features");
    return loader_size(settings) > 0
        || fail(failure, EX_DATAERR, "%s: has no %s to load", settings->sources[0].index->path,
                settings->unit == LOAD_RATED_SEGMENTS ? "rated segments" : "records");
}

static bool open_caches(BatchSource *source, Arena *arena, Failure *failure)
{
    const LoaderSettings *settings = &source->settings;
    for (size_t i = 0; i < settings->source_count; i++)
        if (!shard_cache_open(&source->caches[i], settings->sources[i].index,
                              settings->sources[i].folder, settings->open_shards, arena, failure))
            return false;
    return true;
}

static bool open_source(Loader *loader, const LoaderSettings *settings, Arena *arena,
                        Failure *failure)
{
    BatchSource *source = &loader->source;
    source->settings = *settings;
    if (!check_settings(&source->settings, failure))
        return false;
    source->sampler =
        sampler_of(loader_size(settings), settings->shuffle, settings->window, settings->seed);
    source->thinning = philox_key(settings->seed, "down-sampling");
    source->choosing = philox_key(settings->seed, "frames");
    uint64_t samples = settings->end > settings->first ? settings->end - settings->first : 0;
    loader->batches = samples / settings->batch + (samples % settings->batch != 0);
    return open_caches(source, arena, failure) && batch_source_measure(source, *arena, failure);
}

static bool start_workers(Loader *loader, Arena *arena, Failure *failure)
{
    const LoaderSettings *settings = &loader->source.settings;
    if (!arena_array(arena, loader->slots, settings->ahead, failure)
        || !arena_array(arena, loader->workers, settings->threads, failure))
        return false;
    for (size_t i = 0; i < settings->ahead; i++)
        if (!batch_memory_make(&loader->slots[i].memory, &loader->source, arena, failure))
            return false;
    for (size_t i = 0; i < settings->threads; i++) {
        Worker *worker = &loader->workers[i];
        worker->loader = loader;
        if (!arena_open(&worker->scratch, ARENA_LARGE, failure))
            return false;
        worker->running = pthread_create(&worker->thread, NULL, work, worker) == 0;
        if (!worker->running)
            return fail(failure, EX_OSERR, "a thread can't be started; raise ulimit -u");
    }
    return true;
}

bool loader_create(Loader **loader, const LoaderSettings *settings, Arena *arena, Failure *failure)
{
    if (!arena_array(arena, *loader, 1, failure))
        return false;
    pthread_mutex_init(&(*loader)->mutex, NULL);
    pthread_cond_init(&(*loader)->filled, NULL);
    pthread_cond_init(&(*loader)->freed, NULL);
    if (open_source(*loader, settings, arena, failure) && start_workers(*loader, arena, failure))
        return true;
    loader_close(*loader);
    *loader = NULL;
    return false;
}

bool loader_next(Loader *loader, const Batch **batch, Failure *failure)
{
    pthread_mutex_lock(&loader->mutex);
    uint64_t number = loader->given;
    Slot *slot = &loader->slots[number % loader->source.settings.ahead];
    while (number < loader->batches && !slot->ready)
        pthread_cond_wait(&loader->filled, &loader->mutex);
    bool ok = number < loader->batches && slot->failure.code == EX_OK;
    if (number < loader->batches && !ok)
        fail(failure, slot->failure.code, "%s", slot->failure.message);
    loader->given += ok;
    pthread_mutex_unlock(&loader->mutex);
    *batch = ok ? &slot->memory.batch : NULL;
    return ok;
}

void loader_release(Loader *loader)
{
    pthread_mutex_lock(&loader->mutex);
    if (loader->delivered < loader->given) {
        loader->slots[loader->delivered % loader->source.settings.ahead].ready = false;
        loader->delivered++;
        pthread_cond_broadcast(&loader->freed);
    }
    pthread_mutex_unlock(&loader->mutex);
}

void loader_close(Loader *loader)
{
    if (!loader)
        return;
    pthread_mutex_lock(&loader->mutex);
    loader->stop = true;
    pthread_cond_broadcast(&loader->freed);
    pthread_mutex_unlock(&loader->mutex);
    for (size_t i = 0; loader->workers && i < loader->source.settings.threads; i++) {
        if (loader->workers[i].running)
            pthread_join(loader->workers[i].thread, NULL);
        arena_close(&loader->workers[i].scratch);
    }
    for (size_t i = 0; i < LOADER_MOST_SOURCES; i++)
        shard_cache_close(&loader->source.caches[i]);
    pthread_cond_destroy(&loader->filled);
    pthread_cond_destroy(&loader->freed);
    pthread_mutex_destroy(&loader->mutex);
}
