#include "common/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BUFFER_BYTES ((size_t)1 << 20) // write(2) reaches the disk's speed from here on
#define DISK_BYTES ((uint64_t)8 << 20) // the disk is given work in pieces of this size

bool mapped_file_open(MappedFile *file, const char *path, Failure *failure)
{
    struct stat status;
    *file = (MappedFile){ 0 };
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_errno(failure, EX_NOINPUT, "%s", path);
    bool ok = fstat(descriptor, &status) == 0;
    if (!ok)
        fail_errno(failure, EX_IOERR, "%s", path);
    else if (!S_ISREG(status.st_mode))
        ok = fail(failure, EX_NOINPUT, "%s: not a plain file", path);
    else if (status.st_size > 0) {
        file->size = (size_t)status.st_size;
        void *bytes = mmap(NULL, file->size, PROT_READ, MAP_SHARED, descriptor, 0);
        file->bytes = bytes == MAP_FAILED ? NULL : bytes;
        ok = file->bytes || fail_errno(failure, EX_IOERR, "%s: can't be mapped", path);
    }
    close(descriptor);
    return ok;
}

void mapped_file_close(MappedFile *file)
{
    if (file->bytes)
        munmap((void *)file->bytes, file->size);
    *file = (MappedFile){ 0 };
}

bool file_read(const char *path, Arena *arena, char **text, size_t *size, Failure *failure)
{
    MappedFile file;
    if (!mapped_file_open(&file, path, failure))
        return false;
    *size = file.size;
    *text = arena_copy(arena, file.bytes, file.size, failure);
    mapped_file_close(&file);
    return *text != NULL;
}

bool folder_make(const char *path, Failure *failure)
{
    char partial[1024];
    if (snprintf(partial, sizeof partial, "%s", path) >= (int)sizeof partial)
        return fail(failure, EX_CANTCREAT, "%s: the path is too long", path);
    for (char *slash = partial + 1;; slash++) {
        bool last = *slash == 0;
        if (!last && *slash != '/')
            continue;
        *slash = 0;
        if (mkdir(partial, 0777) != 0 && errno != EEXIST)
            return fail_errno(failure, EX_CANTCREAT, "%s: can't be made", partial);
        if (last)
            return true;
        *slash = '/';
    }
}

const char *path_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *path_folder(const char *path, Arena *arena, Failure *failure)
{
    const char *slash = strrchr(path, '/');
    if (!slash)
        return arena_copy(arena, ".", 1, failure);
    return arena_copy(arena, path, slash == path ? 1 : (size_t)(slash - path), failure);
}

/* A nameless file in the folder, or a named one where the file system knows no nameless ones. */
static bool open_temporary(AtomicFile *file, const char *folder, Failure *failure)
{
    file->temporary[0] = 0;
    file->descriptor = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0666);
    if (file->descriptor >= 0)
        return true;
    snprintf(file->temporary, sizeof file->temporary, "%s/.%s.%ld", folder, path_name(file->path),
             (long)getpid());
    file->descriptor = open(file->temporary, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    return file->descriptor >= 0
        || fail_errno(failure, EX_CANTCREAT, "%s: can't be created", file->path);
}

bool atomic_file_open(AtomicFile *file, const char *path, Failure *failure)
{
    *file = (AtomicFile){ .descriptor = -1 };
    if (snprintf(file->path, sizeof file->path, "%s", path) >= (int)sizeof file->path)
        return fail(failure, EX_CANTCREAT, "%s: the path is too long", path);
    char folder[sizeof file->path];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) : 1, slash ? path : ".");
    if (slash == path)
        strcpy(folder, "/");
    if (!folder_make(folder, failure) || !open_temporary(file, folder, failure))
        return false;
    file->hash = hash_beside_open();
    file->buffer = malloc(BUFFER_BYTES);
    if (!file->hash || !file->buffer) {
        atomic_file_discard(file);
        return fail(failure, EX_OSERR, "%s: out of memory", path);
    }
    return true;
}

/* Hand bytes to the system, all of them. */
static bool write_all(AtomicFile *file, const char *bytes, size_t size, Failure *failure)
{
    while (size > 0) {
        ssize_t written = write(file->descriptor, bytes, size);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return fail_errno(failure, EX_IOERR, "%s:%llu: can't be written", file->path,
                              (unsigned long long)file->size);
        bytes += written;
        size -= (size_t)written;
    }
    return true;
}

/* Hand the buffer to the system while it is hashed. */
static bool flush(AtomicFile *file, Failure *failure)
{
    size_t size = file->buffered;
    file->buffered = 0;
    hash_beside_add(file->hash, file->buffer, size);
    return write_all(file, file->buffer, size, failure);
}

/* Flush a full buffer and go on with the other one, whose hash is known by now. */
static bool flush_full(AtomicFile *file, Failure *failure)
{
    char *full = file->buffer;
    if (!file->other && !(file->other = malloc(BUFFER_BYTES)))
        return fail(failure, EX_OSERR, "%s: out of memory", file->path);
    if (!flush(file, failure))
        return false;
    // the disk begins now, and not when all is there; what it can't do, fsync says
    if (file->size / DISK_BYTES != (file->size - BUFFER_BYTES) / DISK_BYTES)
        sync_file_range(file->descriptor, 0, 0, SYNC_FILE_RANGE_WRITE);
    file->buffer = file->other;
    file->other = full;
    return true;
}

bool atomic_file_write(AtomicFile *file, const void *bytes, size_t size, Failure *failure)
{
    const char *from = bytes;
    file->size += size;
    while (size > 0) {
        size_t room = BUFFER_BYTES - file->buffered, part = size < room ? size : room;
        memcpy(file->buffer + file->buffered, from, part);
        file->buffered += part;
        from += part;
        size -= part;
        if (file->buffered == BUFFER_BYTES && !flush_full(file, failure))
            return false;
    }
    return true;
}

bool atomic_file_print(AtomicFile *file, Failure *failure, const char *format, ...)
{
    char text[4096];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (length < 0 || (size_t)length >= sizeof text)
        return fail(failure, EX_SOFTWARE, "%s: a line of %d bytes is too long", file->path, length);
    return atomic_file_write(file, text, (size_t)length, failure);
}

void atomic_file_digest(const AtomicFile *file, char sha256[SHA256_HEX_BYTES])
{
    Sha256 hash = hash_beside_state(file->hash);
    sha256_add(&hash, file->buffer, file->buffered);
    sha256_end(&hash, sha256);
}

/* Flush the entry of a folder, so that a new name outlasts a power cut. */
static void sync_folder(const char *path)
{
    char folder[1024];
    const char *slash = strrchr(path, '/');
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - path) + 1 : 1,
             slash ? path : ".");
    int descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor >= 0) {
        fsync(descriptor); // best effort: some file systems refuse it
        close(descriptor);
    }
}

bool file_link(int descriptor, const char *path)
{
    char self[64];
    snprintf(self, sizeof self, "/proc/self/fd/%d", descriptor);
    return linkat(AT_FDCWD, self, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0;
}

/* Give a nameless file a temporary name: the system has no call that names and replaces at once. */
static bool name_temporary(AtomicFile *file, Failure *failure)
{
    if (file->temporary[0])
        return true;
    const char *name = path_name(file->path);
    snprintf(file->temporary, sizeof file->temporary, "%.*s.%s.%ld", (int)(name - file->path),
             file->path, name, (long)getpid());
    unlink(file->temporary); // left by a process of the same number that was killed right here
    if (file_link(file->descriptor, file->temporary))
        return true;
    file->temporary[0] = 0;
    return fail_errno(failure, EX_CANTCREAT, "%s: can't be named", file->path);
}

/* Put a file in its place. Where nothing is there yet, at once: a kill leaves no temporary name behind. */
static bool put_in_place(AtomicFile *file, Failure *failure)
{
    if (!file->temporary[0] && file_link(file->descriptor, file->path))
        return true;
    return name_temporary(file, failure)
        && (rename(file->temporary, file->path) == 0
            || fail_errno(failure, EX_CANTCREAT, "%s: can't be renamed into place", file->path));
}

bool atomic_file_commit(AtomicFile *file, char sha256[SHA256_HEX_BYTES], Failure *failure)
{
    bool ok = flush(file, failure)
        && (fsync(file->descriptor) == 0
            || fail_errno(failure, EX_IOERR, "%s: can't be flushed", file->path))
        && put_in_place(file, failure);
    if (!ok) {
        atomic_file_discard(file);
        return false;
    }
    file->temporary[0] = 0;
    sync_folder(file->path);
    if (sha256)
        atomic_file_digest(file, sha256);
    atomic_file_discard(file);
    return true;
}

void atomic_file_discard(AtomicFile *file)
{
    if (file->descriptor < 0)
        return;
    close(file->descriptor);
    if (file->temporary[0])
        unlink(file->temporary);
    hash_beside_close(file->hash);
    free(file->buffer);
    free(file->other);
    *file = (AtomicFile){ .descriptor = -1 };
}

bool atomic_file_restart(AtomicFile *file, Failure *failure)
{
    char path[sizeof file->path];
    memcpy(path, file->path, sizeof path);
    atomic_file_discard(file);
    return atomic_file_open(file, path, failure);
}

bool file_write(const char *path, const void *bytes, size_t size, Failure *failure)
{
    AtomicFile file;
    bool ok = atomic_file_open(&file, path, failure)
        && atomic_file_write(&file, bytes, size, failure)
        && atomic_file_commit(&file, NULL, failure);
    atomic_file_discard(&file);
    return ok;
}
