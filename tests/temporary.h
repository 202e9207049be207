/*
 * A folder for a test's files, gone when the test program ends.
 */
#ifndef PODIUM_TESTS_TEMPORARY_H
#define PODIUM_TESTS_TEMPORARY_H

#include <dirent.h>
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

/* Remove the folder and its files; call it last in main. */
static inline void temporary_end(void)
{
    DIR *folder = opendir(temporary_folder);
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        unlink(temporary_path(entry->d_name, 0));
    if (folder)
        closedir(folder);
    rmdir(temporary_folder);
}

#endif
