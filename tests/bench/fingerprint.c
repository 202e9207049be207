/*
 * Bench: how long it takes to know what is in shards: from their framing, by a full scan, and how long
 * reading them takes in any case. The best of several passes: others may use the machine.
 *
 *   fingerprint warm FILE...    from the page cache, on one thread
 *   fingerprint cold FILE...    after their pages were dropped from the cache; the framing on as many
 *                               threads as `index --explain` has, the data by read(2) through
 *                               the cache or past it, whichever is faster
 *
 * Prints "name value unit" lines: GB of shards a second, and ratios in the same run.
 */
#include "common/base/file_status.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"
#include "common/data/shard_fingerprint.h"
#include "common/data/shard_scan.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define WARM_PASSES 7
#define COLD_PASSES 3
#define BLOCK_BYTES ((size_t)4 << 20) // large enough for any disk's speed
#define DIRECT_ALIGNMENT ((size_t)4096)

/* One way to go through a shard. */
typedef bool Work(const char *path, Failure *failure);

static bool by_framing(const char *path, Failure *failure)
{
    char fingerprint[SHA256_HEX_BYTES];
    return shard_fingerprint(fingerprint, path, failure);
}

static bool by_scan(const char *path, Failure *failure)
{
    Arena arena = { 0 };
    ShardEntries entries;
    const FeatureSpecs none = { 0 };
    bool ok = shard_scan(&entries, path, &(ScanSettings){ &none, false }, &arena, failure);
    arena_close(&arena);
    return ok;
}

static bool read_all(const char *path, int flags, Failure *failure)
{
    ssize_t size = 0;
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | flags);
    void *block = aligned_alloc(DIRECT_ALIGNMENT, BLOCK_BYTES);
    while (descriptor >= 0 && block && (size = read(descriptor, block, BLOCK_BYTES)) > 0)
        ;
    bool ok = descriptor >= 0 && block && size == 0;
    free(block);
    if (descriptor >= 0)
        close(descriptor);
    return ok || fail_errno(failure, EX_IOERR, "%s", path);
}

static bool by_read(const char *path, Failure *failure)
{
    return read_all(path, 0, failure);
}

static bool by_direct_read(const char *path, Failure *failure)
{
    return read_all(path, O_DIRECT, failure);
}

/* Have the file's pages read again from the disk. */
static bool drop_pages(const char *path, Failure *failure)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_errno(failure, EX_NOINPUT, "%s", path);
    fsync(descriptor); // dirty pages stay otherwise
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    close(descriptor);
    return true;
}

typedef struct Shards {
    char *const *paths;
    size_t count;
    double bytes;
    bool cold;
    Work *work;
    Failure failure; // of any of them
} Shards;

static void work_on(void *context, size_t begin, size_t end)
{
    Shards *shards = context;
    for (size_t i = begin; i < end; i++) {
        Failure failure = { 0 };
        if (!shards->work(shards->paths[i], &failure)) {
#pragma omp critical(bench_failure)
            shards->failure = failure;
        }
    }
}

/* Seconds that all shards take, at best; 0 on failure. */
static double seconds_of(Shards *shards, Work *work, size_t threads)
{
    double best = 0;
    shards->work = work;
    parallel_threads(threads);
    for (size_t pass = 0; pass < (shards->cold ? COLD_PASSES : WARM_PASSES); pass++) {
        for (size_t i = 0; shards->cold && i < shards->count; i++)
            if (!drop_pages(shards->paths[i], &shards->failure))
                return 0;
        double started = progress_clock();
        parallel_for(shards->count, 1, work_on, shards);
        double taken = progress_clock() - started;
        if (shards->failure.code != EX_OK)
            return 0;
        best = pass == 0 || taken < best ? taken : best;
    }
    return best;
}

static bool look_at(Shards *shards)
{
    FileStatus status;
    for (size_t i = 0; i < shards->count; i++) {
        if (!file_status(&status, shards->paths[i], &shards->failure)
            || !by_read(shards->paths[i], &shards->failure)) // into the page cache
            return false;
        shards->bytes += (double)status.size;
    }
    return true;
}

static bool measure(Shards *shards, const char *name)
{
    if (!look_at(shards))
        return false;
    double reading = seconds_of(shards, by_read, 1);
    double direct = shards->cold && reading > 0 ? seconds_of(shards, by_direct_read, 1) : reading;
    double scanning = direct > 0 ? seconds_of(shards, by_scan, 1) : 0;
    double framing =
        scanning > 0 ? seconds_of(shards, by_framing, shards->cold ? FINGERPRINT_THREADS : 1) : 0;
    if (framing <= 0)
        return false;
    double gigabytes = shards->bytes / 1e9;
    reading = direct < reading ? direct : reading; // whichever is kinder to the disk
    printf("read-%s %.2f GB/s\n", name, gigabytes / reading);
    printf("scan-%s %.2f GB/s\n", name, gigabytes / scanning);
    printf("fingerprint-%s %.1f GB/s\n", name, gigabytes / framing);
    printf("fingerprint-%s-to-scan %.1f ratio\n", name, scanning / framing);
    printf("fingerprint-%s-to-read %.1f ratio\n", name, reading / framing);
    return true;
}

int main(int argc, char **argv)
{
    if (argc < 3 || (strcmp(argv[1], "warm") != 0 && strcmp(argv[1], "cold") != 0)) {
        fprintf(stderr, "usage: fingerprint warm|cold FILE...\n");
        return EX_USAGE;
    }
    Shards shards = { .paths = argv + 2,
                      .count = (size_t)argc - 2,
                      .cold = strcmp(argv[1], "cold") == 0 };
    return measure(&shards, argv[1]) ? EX_OK : failure_report(&shards.failure, "fingerprint");
}
