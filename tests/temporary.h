/*
 * A folder for a test's files, gone when the test program ends.
 */
#ifndef PODIUM_TESTS_TEMPORARY_H
#define PODIUM_TESTS_TEMPORARY_H

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char temporary_folder[] = "/tmp/podium-test-XXXXXX";

/* Make the folder; call it first in main. */
static inline void temporary_begin(void)
{
    if (!mkdtemp(temporary_folder))
        abort();
}

/* The path of a file in it; one path at a time for each of `slot` 0 to 3. */
static inline const char *temporary_path(const char *name, unsigned slot)
{
    static char paths[4][512];
    snprintf(paths[slot], sizeof paths[slot], "%s/%s", temporary_folder, name);
    return paths[slot];
}

/* Make a folder of one test's own in it. */
static inline void temporary_make(char *path, size_t bytes)
{
    snprintf(path, bytes, "%s/XXXXXX", temporary_folder);
    if (!mkdtemp(path))
        abort();
}

static inline int temporary_remove_one(const char *path, const struct stat *status, int type,
                                       struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

/* Remove a folder and all that is in it. */
static inline void temporary_remove(const char *folder)
{
    nftw(folder, temporary_remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* Remove the folder of the program; call it last in main. */
static inline void temporary_end(void)
{
    temporary_remove(temporary_folder);
}

#endif
