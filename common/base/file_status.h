/*
 * FileStatus: what tells, without reading it, that a file has not been touched.
 */
#ifndef PODIUM_BASE_FILE_STATUS_H
#define PODIUM_BASE_FILE_STATUS_H

#include "common/base/failure.h"

#include <inttypes.h>

typedef struct FileStatus {
    uint64_t device, inode, size, mtime_ns, ctime_ns;
} FileStatus;

/* The status of a file; EX_NOINPUT. */
bool file_status(FileStatus *status, const char *path, Failure *failure);

/* Whether two are the same: any difference counts, not only "newer". */
bool file_status_equal(const FileStatus *a, const FileStatus *b);

/* Whether a file has been written to at most by who set its times back: a new link or mode is nothing. */
bool file_status_same_content(const FileStatus *before, const FileStatus *now);

/* Whether a file may change once more without its status showing it: it changed just now. */
bool file_status_is_fresh(const FileStatus *status);

/* As text, five numbers: printf(FILE_STATUS_PRINT, FILE_STATUS_OF(&status)), and back by sscanf. */
#define FILE_STATUS_PRINT "%" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64
#define FILE_STATUS_SCAN "%" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNu64
#define FILE_STATUS_OF(s) (s)->device, (s)->inode, (s)->size, (s)->mtime_ns, (s)->ctime_ns
#define FILE_STATUS_INTO(s) &(s)->device, &(s)->inode, &(s)->size, &(s)->mtime_ns, &(s)->ctime_ns

#endif
