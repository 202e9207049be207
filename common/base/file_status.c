#include "common/base/file_status.h"

#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define FRESH_NS ((uint64_t)100000000) // clocks of file systems tick in some 4 ms; 0.1 s is ample

static uint64_t nanoseconds(const struct timespec *time)
{
    return (uint64_t)time->tv_sec * 1000000000 + (uint64_t)time->tv_nsec;
}

bool file_status(FileStatus *status, const char *path, Failure *failure)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return fail_errno(failure, EX_NOINPUT, "%s", path);
    *status = (FileStatus){ found.st_dev, found.st_ino, (uint64_t)found.st_size,
                            nanoseconds(&found.st_mtim), nanoseconds(&found.st_ctim) };
    return true;
}

bool file_status_equal(const FileStatus *a, const FileStatus *b)
{
    return memcmp(a, b, sizeof *a) == 0;
}

bool file_status_same_content(const FileStatus *before, const FileStatus *now)
{
    FileStatus same = *now;
    same.ctime_ns = before->ctime_ns;
    return file_status_equal(before, &same);
}

bool file_status_is_fresh(const FileStatus *status)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return status->ctime_ns + FRESH_NS > nanoseconds(&now);
}
