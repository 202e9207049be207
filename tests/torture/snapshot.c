#include "snapshot.h"
#include "common/artifact/provenance.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define MOST_FILES ((size_t)20000)
#define MOST_SAID 8
#define PROVENANCE ".provenance"

static bool ends_in(const char *text, const char *ending)
{
    size_t length = strlen(text), size = strlen(ending);
    return length >= size && strcmp(text + length - size, ending) == 0;
}

static bool is_volatile(const char *path)
{
    static const char *const endings[] = {
        ".log", ".events", ".tfevents", ".scan", ".seen", ".lock"
    };
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++)
        if (ends_in(path, endings[i]))
            return true;
    return false;
}

static bool add(Snapshot *snapshot, const char *folder, const char *path, Arena *arena,
                Failure *failure)
{
    SnapshotFile *file = &snapshot->files[snapshot->count];
    const char *whole = arena_format(arena, failure, "%s/%s", folder, path);
    file->path = path;
    if (snapshot->count == MOST_FILES)
        return fail(failure, EX_DATAERR, "%s: more than %zu files", folder, MOST_FILES);
    snapshot->count++;
    return whole && sha256_of_file(whole, file->sha256, failure);
}

static bool walk(Snapshot *snapshot, const char *folder, const char *inside, Arena *arena,
                 Failure *failure)
{
    bool ok = true;
    char *root = arena_format(arena, failure, "%s/%s", folder, inside);
    DIR *open = root ? opendir(root) : NULL;
    for (struct dirent *entry; open && ok && (entry = readdir(open));) {
        struct stat status;
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        char *path = arena_format(arena, failure, "%s/%s", inside, entry->d_name);
        char *whole = path ? arena_format(arena, failure, "%s/%s", folder, path) : NULL;
        ok = whole && lstat(whole, &status) == 0;
        if (ok && S_ISDIR(status.st_mode))
            ok = walk(snapshot, folder, path, arena, failure);
        else if (ok && !is_volatile(path))
            ok = add(snapshot, folder, path, arena, failure);
    }
    if (open)
        closedir(open);
    return ok;
}

static int by_path(const void *a, const void *b)
{
    return strcmp(((const SnapshotFile *)a)->path, ((const SnapshotFile *)b)->path);
}

bool snapshot_take(Snapshot *snapshot, const char *folder, Arena *arena, Failure *failure)
{
    static const char *const parts[] = { "submissions", "reports", "cache", "progress" };
    *snapshot = (Snapshot){ 0 };
    if (!arena_array(arena, snapshot->files, MOST_FILES + 1, failure))
        return false;
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++)
        if (!walk(snapshot, folder, parts[i], arena, failure))
            return false;
    qsort(snapshot->files, snapshot->count, sizeof *snapshot->files, by_path);
    return true;
}

const SnapshotFile *snapshot_find(const Snapshot *snapshot, const char *path)
{
    SnapshotFile wanted = { .path = path };
    return snapshot->count
        ? bsearch(&wanted, snapshot->files, snapshot->count, sizeof wanted, by_path)
        : NULL;
}

static bool is_of_cache(const char *path)
{
    return strncmp(path, "cache/", 6) == 0;
}

/*
 * Whether an undisturbed build has an entry of the cache so. Its name is its key's hash: what two makes made
 * together has another.
 */
static bool is_entry(const SnapshotFile *file, const Truth *truth)
{
    bool named = false;
    for (size_t i = 0; i < truth->count; i++) {
        const SnapshotFile *entry = snapshot_find(&truth->undisturbed[i], file->path);
        named = named || entry;
        if (entry && strcmp(entry->sha256, file->sha256) == 0)
            return true;
    }
    return truth->mixed && !named;
}

bool snapshot_same(const Snapshot *expected, const Snapshot *found, const Truth *truth, FILE *said)
{
    size_t wrong = 0;
    for (size_t i = 0; i < expected->count; i++) {
        const SnapshotFile *one = &expected->files[i], *two = snapshot_find(found, one->path);
        if (is_of_cache(one->path) || (two && strcmp(one->sha256, two->sha256) == 0))
            continue;
        if (wrong++ < MOST_SAID)
            fprintf(said, "  %s: %s\n", one->path, two ? "other bytes" : "is missing");
    }
    for (size_t i = 0; i < found->count; i++) {
        const SnapshotFile *file = &found->files[i];
        bool cached = is_of_cache(file->path);
        if (cached ? strcmp(file->path, truth->damaged) == 0 || is_entry(file, truth)
                   : snapshot_find(expected, file->path) != NULL)
            continue;
        if (wrong++ < MOST_SAID)
            fprintf(said, "  %s: %s\n", file->path,
                    cached ? "no undisturbed build has this entry" : "was left behind");
    }
    if (wrong > MOST_SAID)
        fprintf(said, "  and %zu more\n", wrong - MOST_SAID);
    return wrong == 0;
}

/* Whether a file and its provenance are those of one of the undisturbed builds. */
static bool is_known(const SnapshotFile *file, const SnapshotFile *provenance, const Truth *truth)
{
    for (size_t i = 0; i < truth->count; i++) {
        const SnapshotFile *bytes = snapshot_find(&truth->undisturbed[i], file->path);
        const SnapshotFile *text = snapshot_find(&truth->undisturbed[i], provenance->path);
        if (bytes && text && strcmp(bytes->sha256, file->sha256) == 0
            && strcmp(text->sha256, provenance->sha256) == 0)
            return true;
    }
    return truth->mixed && (!is_of_cache(file->path) || is_entry(file, truth));
}

/* What is wrong about a file that has provenance; NULL: nothing. */
static const char *complaint(const SnapshotFile *file, const SnapshotFile *text, const char *folder,
                             const Truth *truth, Arena scratch)
{
    Provenance provenance;
    Failure failure = { 0 };
    const char *whole = arena_format(&scratch, &failure, "%s/%s", folder, file->path);
    if (!whole || !provenance_read(&provenance, whole, &scratch, &failure))
        return "its provenance can't be read";
    if (strcmp(provenance.sha256, file->sha256) != 0)
        return "has other bytes than its provenance says";
    return is_known(file, text, truth) ? NULL : "no undisturbed build has it so";
}

bool snapshot_is_true(const Snapshot *found, const char *folder, const Truth *truth, Arena scratch,
                      FILE *said)
{
    size_t wrong = 0;
    for (size_t i = 0; i < found->count; i++) {
        const SnapshotFile *text = &found->files[i];
        if (!ends_in(text->path, PROVENANCE))
            continue;
        Failure failure = { 0 };
        const char *path =
            arena_copy(&scratch, text->path, strlen(text->path) - strlen(PROVENANCE), &failure);
        const SnapshotFile *file = path ? snapshot_find(found, path) : NULL;
        if (!file || strncmp(truth->damaged, path, strlen(path)) == 0)
            continue;
        const char *what = complaint(file, text, folder, truth, scratch);
        if (what && wrong++ < MOST_SAID)
            fprintf(said, "  %s: %s\n", path, what);
    }
    return wrong == 0;
}
