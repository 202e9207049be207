/*
 * Bench: the cache, from within.
 *
 *   cache fill FOLDER ENTRIES    enter so many small artifacts
 *   cache restore FOLDER MIB     the seconds that it takes to restore an artifact of so many MiB: it is
 *                                hashed, and linked where FOLDER's disk can; the fewest of several
 */
#include "common/artifact/cache.h"
#include "common/artifact/key.h"
#include "common/base/file.h"
#include "common/base/progress.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define PASSES 5
#define BLOCK_BYTES ((size_t)1 << 20)

typedef struct Job {
    const char *cache;
    const char *path; // of the artifact, beside the cache
    size_t count;
} Job;

/* What an artifact is, made under a key of one number, of bytes that it repeats. */
static bool make(const Job *job, Provenance *provenance, size_t number, const void *bytes,
                 size_t size, size_t times, Arena *arena, Failure *failure)
{
    AtomicFile file = { .descriptor = -1 };
    char *sha256 = arena_allocate(arena, SHA256_HEX_BYTES, 1, failure);
    char *word = arena_format(arena, failure, "%zu", number);
    *provenance = (Provenance){
        .kind = "bench", .podium = "0", .sha256 = sha256, .size = (uint64_t)size * times
    };
    bool ok = sha256 && word && key_add(&provenance->key, "option/number", word, arena, failure)
        && atomic_file_open(&file, job->path, failure);
    for (size_t i = 0; ok && i < times; i++)
        ok = atomic_file_write(&file, bytes, size, failure);
    ok = ok && atomic_file_commit(&file, sha256, failure);
    atomic_file_discard(&file);
    if (!ok)
        return false;
    key_seal(&provenance->key);
    return provenance_write(provenance, job->path, failure);
}

static void remove_artifact(const Job *job)
{
    char provenance[1100];
    snprintf(provenance, sizeof provenance, "%s.provenance", job->path);
    unlink(job->path);
    unlink(provenance);
}

static bool fill(const Job *job, Arena arena, Failure *failure)
{
    Provenance provenance;
    for (size_t i = 0; i < job->count; i++) {
        Arena scratch = arena;
        if (!make(job, &provenance, i, &i, sizeof i, 1, &scratch, failure))
            return false;
        cache_enter(job->cache, "output", job->path, &provenance, scratch);
        remove_artifact(job);
    }
    return true;
}

static bool restore(const Job *job, Arena arena, Failure *failure)
{
    Provenance provenance;
    struct stat status;
    double best = 0;
    char *block = arena_allocate(&arena, BLOCK_BYTES, 1, failure);
    if (!block)
        return false;
    memset(block, 'a', BLOCK_BYTES);
    if (!make(job, &provenance, 0, block, BLOCK_BYTES, job->count, &arena, failure))
        return false;
    cache_enter(job->cache, "output", job->path, &provenance, arena);
    for (size_t pass = 0; pass < PASSES; pass++) {
        remove_artifact(job);
        double started = progress_clock();
        if (!cache_restore(job->cache, "output", job->path, &provenance, arena))
            return fail(failure, EX_SOFTWARE, "%s: can't be restored", job->path);
        double taken = progress_clock() - started;
        best = pass == 0 || taken < best ? taken : best;
    }
    bool linked = stat(job->path, &status) == 0 && status.st_nlink > 1;
    printf("cache-restore-%zu-mib%s %.3f seconds\n", job->count, linked ? "-by-link" : "", best);
    remove_artifact(job);
    return true;
}

int main(int argc, char **argv)
{
    Arena arena = { 0 };
    Failure failure = { 0 };
    char path[1024];
    if (argc != 4 || (strcmp(argv[1], "fill") != 0 && strcmp(argv[1], "restore") != 0)) {
        fprintf(stderr, "usage: cache fill|restore FOLDER COUNT\n");
        return EX_USAGE;
    }
    snprintf(path, sizeof path, "%s.artifact", argv[2]);
    Job job = { .cache = argv[2], .path = path, .count = strtoul(argv[3], NULL, 10) };
    bool ok = arena_open(&arena, ARENA_LARGE, &failure)
        && (strcmp(argv[1], "fill") == 0 ? fill : restore)(&job, arena, &failure);
    arena_close(&arena);
    return ok ? EX_OK : failure_report(&failure, "cache");
}
