#include "common/audit/find.h"
#include "common/artifact/manifest.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_DEPTH 16

static bool add_path(ArtifactPaths *paths, const char *path, size_t length, Arena *arena,
                     Failure *failure)
{
    if (paths->count == paths->capacity) {
        const char **more;
        paths->capacity = paths->capacity ? 2 * paths->capacity : 64;
        if (!arena_array(arena, more, paths->capacity, failure))
            return false;
        if (paths->count)
            memcpy(more, paths->path, paths->count * sizeof *more);
        paths->path = more;
    }
    paths->path[paths->count] = arena_copy(arena, path, length, failure);
    return paths->path[paths->count++] != NULL;
}

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), own = strlen(ending);
    return length > own && strcmp(text + length - own, ending) == 0;
}

static bool is_folder(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0 && S_ISDIR(status.st_mode);
}

/* Whether a folder is that of a manifest beside it. */
static bool has_manifest(const char *folder)
{
    char path[2048];
    struct stat status;
    return snprintf(path, sizeof path, "%s" MANIFEST_ENDING, folder) < (int)sizeof path
        && lstat(path, &status) == 0;
}

static bool find_in(ArtifactPaths *paths, const char *root, unsigned depth, Arena *arena,
                    Failure *failure)
{
    char path[2048];
    DIR *folder = opendir(root);
    bool ok = folder || fail_errno(failure, EX_NOINPUT, "%s", root);
    for (struct dirent *entry; ok && folder && (entry = readdir(folder));) {
        if (entry->d_name[0] == '.'
            || snprintf(path, sizeof path, "%s/%s", root, entry->d_name) >= (int)sizeof path)
            continue;
        if (ends_in(path, ".provenance"))
            ok = add_path(paths, path, strlen(path) - strlen(".provenance"), arena, failure);
        else if (ends_in(path, ".seen"))
            ok = add_path(paths, path, strlen(path) - strlen(".seen"), arena, failure);
        else if (depth < MOST_DEPTH && is_folder(path) && !has_manifest(path))
            ok = find_in(paths, path, depth + 1, arena, failure);
    }
    if (folder)
        closedir(folder);
    return ok;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Sort, and drop what was found twice. */
static void make_set(ArtifactPaths *paths)
{
    size_t kept = 0;
    if (paths->count)
        qsort(paths->path, paths->count, sizeof *paths->path, by_path);
    for (size_t i = 0; i < paths->count; i++)
        if (kept == 0 || strcmp(paths->path[kept - 1], paths->path[i]) != 0)
            paths->path[kept++] = paths->path[i];
    paths->count = kept;
}

bool artifacts_find(ArtifactPaths *paths, const char *const from[], size_t count, Arena *arena,
                    Failure *failure)
{
    *paths = (ArtifactPaths){ 0 };
    for (size_t i = 0; i < count; i++) {
        bool ok = is_folder(from[i]) ? find_in(paths, from[i], 0, arena, failure)
                                     : add_path(paths, from[i], strlen(from[i]), arena, failure);
        if (!ok)
            return false;
    }
    make_set(paths);
    return true;
}
