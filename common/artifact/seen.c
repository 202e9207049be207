#include "common/artifact/seen.h"
#include "common/artifact/manifest.h"
#include "common/base/file.h"
#include "common/base/file_status.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FIRST_LINE "podium-seen 1 "
#define PATH_BYTES 2048

/* Length of the path up to and with its last slash; 0 where it has none. */
static size_t folder_length(const char *path)
{
    return (size_t)(path_name(path) - path);
}

static bool seen_path(char path[PATH_BYTES], const char *artifact)
{
    return snprintf(path, PATH_BYTES, "%s.seen", artifact) < PATH_BYTES;
}

/* Whether the file that a line is about still looks as the line says. */
static bool is_same(const char *line, const char *artifact)
{
    char path[PATH_BYTES];
    int name = 0;
    FileStatus before = { 0 }, now;
    Failure none = { 0 };
    return sscanf(line, FILE_STATUS_SCAN " %n", FILE_STATUS_INTO(&before), &name) == 5 && name > 0
        && manifest_name_is_inside(line + name)
        && snprintf(path, sizeof path, "%.*s%s", (int)folder_length(artifact), artifact,
                    line + name)
        < PATH_BYTES
        && file_status(&now, path, &none) && file_status_equal(&before, &now);
}

static bool all_same(char *text, const char *artifact)
{
    size_t count = 0, found = 0;
    char *line = strsep(&text, "\n");
    if (sscanf(line, FIRST_LINE "%zu", &count) != 1 || count == 0)
        return false;
    while (text && *text && found < count && is_same(strsep(&text, "\n"), artifact))
        found++;
    return found == count;
}

bool seen_is_unchanged(const char *artifact)
{
    char path[PATH_BYTES], *text;
    size_t size;
    Arena arena = { 0 };
    Failure none = { 0 };
    bool same = seen_path(path, artifact) && arena_open(&arena, ARENA_LARGE, &none)
        && file_read(path, &arena, &text, &size, &none) && all_same(text, artifact);
    arena_close(&arena);
    return same;
}

/* The line of a file, named from the artifact's folder on; false where it is missing. */
static bool print_line(FILE *to, const char *path, const char *artifact, bool *fresh)
{
    FileStatus now;
    Failure none = { 0 };
    if (!file_status(&now, path, &none))
        return false;
    *fresh = *fresh || file_status_is_fresh(&now);
    fprintf(to, FILE_STATUS_PRINT " %s\n", FILE_STATUS_OF(&now), path + folder_length(artifact));
    return true;
}

/* Lines of the files that X.manifest names, in the folder X. */
static bool print_files(FILE *to, const Manifest *manifest, const char *artifact, bool *fresh)
{
    char path[PATH_BYTES];
    int root = (int)(strlen(artifact) - strlen(MANIFEST_ENDING));
    for (size_t i = 0; i < manifest->count; i++)
        if (snprintf(path, sizeof path, "%.*s/%s", root, artifact, manifest->entries[i].name)
                >= PATH_BYTES
            || !print_line(to, path, artifact, fresh))
            return false;
    return true;
}

static bool print_all(FILE *to, const char *artifact, bool *fresh, Arena scratch)
{
    char provenance[PATH_BYTES];
    Manifest manifest = { 0 };
    Failure none = { 0 };
    if (manifest_is_name(artifact) && !manifest_read(&manifest, artifact, &scratch, &none))
        return false;
    snprintf(provenance, sizeof provenance, "%s.provenance", artifact);
    fprintf(to, FIRST_LINE "%zu\n", 2 + manifest.count);
    return print_line(to, artifact, artifact, fresh) && print_line(to, provenance, artifact, fresh)
        && print_files(to, &manifest, artifact, fresh);
}

Seen seen_look(const char *artifact, Arena *arena)
{
    Seen seen = { 0 };
    char *text = NULL;
    size_t size = 0;
    Failure none = { 0 };
    FILE *to = open_memstream(&text, &size);
    bool whole = to && print_all(to, artifact, &seen.fresh, *arena);
    if (to && fclose(to) == 0 && whole)
        seen.text = arena_copy(arena, text, size, &none);
    free(text);
    return seen;
}

void seen_keep(const char *artifact, Seen seen)
{
    char path[PATH_BYTES];
    Failure none = { 0 };
    if (seen.text && seen_path(path, artifact))
        file_write(path, seen.text, strlen(seen.text), &none);
}

void seen_forget(const char *artifact)
{
    char path[PATH_BYTES];
    if (seen_path(path, artifact))
        unlink(path);
}
