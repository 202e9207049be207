/*
 * Bench: how much longer writing an artifact's bytes takes because they are hashed.
 *
 *   write_file PATH MIB    write a file of so many MiB there, in turn by write(2) alone and as artifacts
 *                          are written, both flushed to the disk, and hash the same bytes alone
 *
 * Prints "name value unit" lines: medians of turns that alternate, because others may use the disk. The
 * time that the writing thread itself was at work says what is beside it, also where others leave no
 * core free for that.
 */
#include "common/base/file.h"
#include "common/base/progress.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define TURNS 5
#define BLOCK_BYTES ((size_t)1 << 20) // what AtomicFile hands to write(2)

typedef struct Job {
    const char *path;
    const char *block; // [BLOCK_BYTES]
    size_t blocks;
} Job;

typedef bool Work(const Job *job, Failure *failure);

static bool write_alone(const Job *job, Failure *failure)
{
    int descriptor = open(job->path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    bool ok = descriptor >= 0;
    for (size_t i = 0; ok && i < job->blocks; i++)
        ok = write(descriptor, job->block, BLOCK_BYTES) == (ssize_t)BLOCK_BYTES;
    ok = ok && fsync(descriptor) == 0;
    if (!ok)
        fail_errno(failure, EX_IOERR, "%s", job->path);
    if (descriptor >= 0)
        close(descriptor);
    unlink(job->path);
    return ok;
}

static bool write_hashed(const Job *job, Failure *failure)
{
    AtomicFile file;
    char sha256[SHA256_HEX_BYTES];
    bool ok = atomic_file_open(&file, job->path, failure);
    for (size_t i = 0; ok && i < job->blocks; i++)
        ok = atomic_file_write(&file, job->block, BLOCK_BYTES, failure);
    ok = ok && atomic_file_commit(&file, sha256, failure);
    atomic_file_discard(&file);
    unlink(job->path);
    return ok;
}

static bool hash_alone(const Job *job, Failure *failure)
{
    Sha256 hash;
    char sha256[SHA256_HEX_BYTES];
    (void)failure;
    sha256_begin(&hash);
    for (size_t i = 0; i < job->blocks; i++)
        sha256_add(&hash, job->block, BLOCK_BYTES);
    sha256_end(&hash, sha256);
    return true;
}

static double thread_clock(void)
{
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static Work *const works[] = { write_alone, write_hashed, hash_alone };
static const char *const names[] = { "write", "write-hashed", "hash" };
#define WORKS (sizeof works / sizeof *works)

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double median(double values[TURNS])
{
    qsort(values, TURNS, sizeof *values, by_value);
    return values[TURNS / 2];
}

static bool measure(const Job *job, Failure *failure)
{
    double seconds[WORKS][TURNS], busy[WORKS][TURNS];
    for (size_t turn = 0; turn < TURNS; turn++)
        for (size_t i = 0; i < WORKS; i++) {
            double started = progress_clock(), begun = thread_clock();
            if (!works[i](job, failure))
                return false;
            seconds[i][turn] = progress_clock() - started;
            busy[i][turn] = thread_clock() - begun;
        }
    for (size_t i = 0; i < WORKS; i++)
        printf("%s %.3f seconds\n%s-thread %.3f seconds\n", names[i], median(seconds[i]), names[i],
               median(busy[i]));
    printf("write-hashed-to-write %.2f ratio\n", median(seconds[1]) / median(seconds[0]));
    printf("write-hashed-to-write-and-hash %.2f ratio\n",
           median(seconds[1]) / (median(seconds[0]) + median(seconds[2])));
    return true;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    Job job = { .path = argc == 3 ? argv[1] : NULL,
                .blocks = argc == 3 ? strtoul(argv[2], NULL, 10) : 0 };
    char *block = malloc(BLOCK_BYTES);
    if (!block || job.blocks == 0) {
        fprintf(stderr, "usage: write_file PATH MIB\n");
        free(block);
        return EX_USAGE;
    }
    for (size_t i = 0; i < BLOCK_BYTES; i++)
        block[i] = (char)(i * 2654435761u >> 13); // no disk may shorten it
    job.block = block;
    bool ok = measure(&job, &failure);
    free(block);
    return ok ? EX_OK : failure_report(&failure, "write_file");
}
