#include "common/base/hash_beside.h"

#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>

#define THREAD_BYTES ((size_t)256 << 10) // takes 0.2 ms to hash; handing it over takes 0.02

struct HashBeside {
    Sha256 state; // the thread's, while there is a block
    const void *bytes;
    size_t size; // 0: no block
    bool running, refused, closing;
    pthread_t thread;
    pthread_mutex_t mutex; // of size and closing
    pthread_cond_t added, done;
};

static void *work(void *context)
{
    HashBeside *hash = context;
    pthread_mutex_lock(&hash->mutex);
    for (;;) {
        while (hash->size == 0 && !hash->closing)
            pthread_cond_wait(&hash->added, &hash->mutex);
        if (hash->size == 0)
            break;
        pthread_mutex_unlock(&hash->mutex);
        sha256_add(&hash->state, hash->bytes, hash->size);
        pthread_mutex_lock(&hash->mutex);
        hash->size = 0;
        pthread_cond_signal(&hash->done);
    }
    pthread_mutex_unlock(&hash->mutex);
    return NULL;
}

/* Signals are for the threads that were there before. */
static bool start(HashBeside *hash)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    hash->running = pthread_create(&hash->thread, NULL, work, hash) == 0;
    hash->refused = !hash->running;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return hash->running;
}

static void wait_for_block(HashBeside *hash)
{
    if (!hash->running)
        return;
    pthread_mutex_lock(&hash->mutex);
    while (hash->size > 0)
        pthread_cond_wait(&hash->done, &hash->mutex);
    pthread_mutex_unlock(&hash->mutex);
}

HashBeside *hash_beside_open(void)
{
    HashBeside *hash = calloc(1, sizeof *hash);
    if (!hash)
        return NULL;
    sha256_begin(&hash->state);
    pthread_mutex_init(&hash->mutex, NULL);
    pthread_cond_init(&hash->added, NULL);
    pthread_cond_init(&hash->done, NULL);
    return hash;
}

void hash_beside_close(HashBeside *hash)
{
    if (!hash)
        return;
    if (hash->running) {
        pthread_mutex_lock(&hash->mutex);
        hash->closing = true;
        pthread_cond_signal(&hash->added);
        pthread_mutex_unlock(&hash->mutex);
        pthread_join(hash->thread, NULL);
    }
    pthread_cond_destroy(&hash->added);
    pthread_cond_destroy(&hash->done);
    pthread_mutex_destroy(&hash->mutex);
    free(hash);
}

void hash_beside_add(HashBeside *hash, const void *bytes, size_t size)
{
    wait_for_block(hash);
    if (size < THREAD_BYTES || (!hash->running && (hash->refused || !start(hash)))) {
        sha256_add(&hash->state, bytes, size);
        return;
    }
    pthread_mutex_lock(&hash->mutex);
    hash->bytes = bytes;
    hash->size = size;
    pthread_cond_signal(&hash->added);
    pthread_mutex_unlock(&hash->mutex);
}

Sha256 hash_beside_state(HashBeside *hash)
{
    wait_for_block(hash);
    return hash->state;
}
