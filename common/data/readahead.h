/*
 * Readahead: a mapped file read from its beginning to its end, at the speed of its disk and in
 * constant memory.
 */
#ifndef PODIUM_DATA_READAHEAD_H
#define PODIUM_DATA_READAHEAD_H

#include "common/base/file.h"

typedef struct Readahead {
    bool begun;
    bool asks;      // the system's own read-ahead is too short for the disk: ask for windows
    size_t fetched; // bytes before this one were asked for
    size_t dropped; // bytes before this one were unmapped after their use
} Readahead;

/*
 * Say that the bytes before `offset` were used. Asks the disk for what comes next and unmaps what
 * was used long ago (it stays readable and cached). Advice only: nothing here can fail.
 *
 *   path  of the file, which tells its disk
 */
void readahead_advance(Readahead *readahead, const MappedFile *file, const char *path,
                       size_t offset);

#endif
