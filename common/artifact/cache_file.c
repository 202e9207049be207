#include "common/artifact/cache_file.h"
#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES ((size_t)1 << 20)
#define MOST_TRIES 4 // two who place the same bytes under one name may meet

/* Open a plain file for reading; no waiting where it is a pipe. -1 where it can't be. */
static int open_plain(const char *path, struct stat *status, CacheResult *result)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) {
        *result = errno == ENOENT ? CACHE_MISSING : CACHE_REFUSED;
        return -1;
    }
    if (fstat(descriptor, status) == 0 && S_ISREG(status->st_mode))
        return descriptor;
    close(descriptor);
    *result = CACHE_REFUSED;
    return -1;
}

/* read(2), again where a signal came between. */
static ssize_t read_some(int descriptor, void *bytes, size_t size)
{
    ssize_t got;
    do
        got = read(descriptor, bytes, size);
    while (got < 0 && errno == EINTR);
    return got;
}

CacheResult cache_file_read(const char *path, Arena *arena, char **text, size_t *size)
{
    struct stat status;
    CacheResult result;
    Failure none = { 0 };
    int descriptor = open_plain(path, &status, &result);
    if (descriptor < 0)
        return result;
    size_t whole = (size_t)status.st_size, done = 0;
    result = arena_array(arena, *text, whole + 1, &none) ? CACHE_DONE : CACHE_REFUSED;
    while (result == CACHE_DONE && done < whole) {
        ssize_t got = read_some(descriptor, *text + done, whole - done);
        if (got < 0)
            result = CACHE_REFUSED;
        if (got <= 0)
            break; // cut short meanwhile: whoever parses the text will see
        done += (size_t)got;
    }
    *size = done;
    close(descriptor);
    return result;
}

/* Hand all bytes to a hash, or to a file that hashes them. */
static CacheResult pour(int from, Sha256 *hash, AtomicFile *to)
{
    Failure none = { 0 };
    ssize_t got = -1;
    char *chunk = malloc(CHUNK_BYTES);
    while (chunk && (got = read_some(from, chunk, CHUNK_BYTES)) > 0) {
        if (hash)
            sha256_add(hash, chunk, (size_t)got);
        else if (!atomic_file_write(to, chunk, (size_t)got, &none))
            got = -1;
        if (got < 0)
            break;
    }
    free(chunk);
    return got < 0 ? CACHE_REFUSED : CACHE_DONE;
}

static CacheResult check_open(int descriptor, const char *sha256)
{
    Sha256 hash;
    char found[SHA256_HEX_BYTES];
    sha256_begin(&hash);
    if (lseek(descriptor, 0, SEEK_SET) != 0 || pour(descriptor, &hash, NULL) != CACHE_DONE)
        return CACHE_REFUSED;
    sha256_end(&hash, found);
    return strcmp(found, sha256) == 0 ? CACHE_DONE : CACHE_DAMAGED;
}

CacheResult cache_file_check(const char *path, const char *sha256)
{
    struct stat status;
    CacheResult result;
    int descriptor = open_plain(path, &status, &result);
    if (descriptor < 0)
        return result;
    result = check_open(descriptor, sha256);
    close(descriptor);
    return result;
}

/* Write all bytes; the digest is known only then, so what is wrong is taken away again. */
static CacheResult copy(int from, AtomicFile *to, const char *sha256)
{
    char path[sizeof to->path], found[SHA256_HEX_BYTES];
    Failure none = { 0 };
    snprintf(path, sizeof path, "%s", to->path);
    if (lseek(from, 0, SEEK_SET) != 0 || pour(from, NULL, to) != CACHE_DONE
        || !atomic_file_commit(to, found, &none))
        return CACHE_REFUSED;
    if (strcmp(found, sha256) == 0)
        return CACHE_DONE;
    unlink(path);
    return CACHE_DAMAGED;
}

/* The open file itself under another name, even where its own name is gone or another file's. */
static bool link_open(int from, const char *to)
{
    for (int i = 0; i < MOST_TRIES; i++) {
        if (file_link(from, to))
            return true;
        if (errno != EEXIST)
            return false;
        unlink(to); // no temporary name, which a kill could leave behind
    }
    return false;
}

static bool same_device(const struct stat *from, int to)
{
    struct stat status;
    return fstat(to, &status) == 0 && from->st_dev == status.st_dev;
}

static CacheResult place_open(int from, const struct stat *status, AtomicFile *to,
                              const char *sha256, bool verify)
{
    Failure none = { 0 };
    CacheResult result = CACHE_DONE;
    if (ioctl(to->descriptor, FICLONE, from) == 0) {
        if (verify)
            result = check_open(to->descriptor, sha256);
        if (result != CACHE_DONE)
            return result;
        return atomic_file_commit(to, NULL, &none) ? CACHE_DONE : CACHE_REFUSED;
    }
    if (same_device(status, to->descriptor)) {
        if (verify)
            result = check_open(from, sha256);
        if (result != CACHE_DONE || link_open(from, to->path))
            return result;
    }
    return copy(from, to, sha256);
}

CacheResult cache_file_place(const char *from, const char *to, const char *sha256, bool verify)
{
    struct stat status;
    AtomicFile file;
    CacheResult result;
    Failure none = { 0 };
    int descriptor = open_plain(from, &status, &result);
    if (descriptor < 0)
        return result;
    result = CACHE_REFUSED;
    if (atomic_file_open(&file, to, &none))
        result = place_open(descriptor, &status, &file, sha256, verify);
    atomic_file_discard(&file);
    close(descriptor);
    return result;
}
