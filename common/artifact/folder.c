#include "common/artifact/folder.h"
#include "common/artifact/cache.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MOST_DEPTH 16
#define KEY_LINE_BYTES SHA256_HEX_BYTES // a hash and a newline

/* "X" of "X.manifest"; NULL where the path doesn't end so. */
static const char *root_of(const char *path, Arena *arena, Failure *failure)
{
    if (!manifest_is_name(path)) {
        fail(failure, EX_USAGE,
             "--output %s: must end in " MANIFEST_ENDING "; its files go into the folder", path);
        return NULL;
    }
    return arena_copy(arena, path, strlen(path) - strlen(MANIFEST_ENDING), failure);
}

static bool is_there(const char *path)
{
    struct stat status;
    return lstat(path, &status) == 0;
}

static bool has_entries(const char *path)
{
    bool found = false;
    DIR *folder = opendir(path);
    for (struct dirent *entry; folder && !found && (entry = readdir(folder));)
        found = strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    if (folder)
        closedir(folder);
    return found;
}

/* Refuse a folder that something else filled: at the commit its files would be removed. */
static bool check_ownership(const ArtifactFolder *folder, const char *path, Failure *failure)
{
    char provenance[1100];
    snprintf(provenance, sizeof provenance, "%s.provenance", path);
    return is_there(path) || is_there(provenance) || is_there(folder->begun)
        || !has_entries(folder->root)
        || fail(failure, EX_CANTCREAT,
                "%s: has files that no manifest names; remove it, or choose another --output",
                folder->root);
}

/* Remove from a folder what the manifest doesn't name, and folders that become empty. */
static void sweep(const char *root, const char *inside, const Manifest *manifest, unsigned depth)
{
    char path[2048], name[2048];
    snprintf(path, sizeof path, "%s%s%s", root, *inside ? "/" : "", inside);
    DIR *folder = depth < MOST_DEPTH ? opendir(path) : NULL;
    for (struct dirent *entry; folder && (entry = readdir(folder));) {
        struct stat status;
        const char *own = entry->d_name;
        if (strcmp(own, ".") == 0 || strcmp(own, "..") == 0
            || snprintf(name, sizeof name, "%s%s%s", inside, *inside ? "/" : "", own)
                >= (int)sizeof name
            || snprintf(path, sizeof path, "%s/%s", root, name) >= (int)sizeof path
            || lstat(path, &status) != 0)
            continue;
        if (S_ISDIR(status.st_mode)) {
            sweep(root, name, manifest, depth + 1);
            rmdir(path); // only where nothing is left in it
        } else if (!manifest_find(manifest, name))
            unlink(path);
    }
    if (folder)
        closedir(folder);
}

/* Whether all files of a manifest have their bytes; those that haven't may come from the cache. */
static bool is_whole(const char *path, const char *cache, bool restored, Arena scratch)
{
    char file[2048];
    char sha256[SHA256_HEX_BYTES];
    Manifest manifest;
    Failure none = { 0 };
    const char *root = root_of(path, &scratch, &none);
    if (!root || !manifest_read(&manifest, path, &scratch, &none))
        return false;
    for (size_t i = 0; i < manifest.count; i++) {
        const ManifestEntry *entry = &manifest.entries[i];
        snprintf(file, sizeof file, "%s/%s", root, entry->name);
        bool there =
            !restored && sha256_of_file(file, sha256, &none) && strcmp(sha256, entry->sha256) == 0;
        if (!there && (!cache || !cache_restore_file(cache, entry->sha256, file, scratch)))
            return false;
    }
    if (restored)
        sweep(root, "", &manifest, 0);
    return true;
}

/* What a stopped run under this key had done; nothing where there is none. */
static void read_before(ArtifactFolder *folder, Arena *arena)
{
    char *text, hash[SHA256_HEX_BYTES];
    size_t size;
    Failure none = { 0 };
    if (!file_read(folder->begun, arena, &text, &size, &none))
        return;
    key_hash(&folder->stage->key, hash);
    if (size < KEY_LINE_BYTES || memcmp(text, hash, SHA256_HEX_BYTES - 1) != 0)
        return;
    size_t lines = size - KEY_LINE_BYTES;
    while (lines && text[KEY_LINE_BYTES + lines - 1] != '\n')
        lines--; // a line that a kill cut short
    if (!manifest_parse(&folder->before, text + KEY_LINE_BYTES, lines, folder->begun, arena, &none))
        folder->before = (Manifest){ 0 };
    manifest_sort(&folder->before);
}

bool artifact_folder_create(ArtifactFolder *folder, Stage *stage, const char *kind,
                            Failure *failure)
{
    const char *path = stage_output(stage);
    *folder = (ArtifactFolder){ .stage = stage };
    if (!path)
        return fail(failure, EX_USAGE, "--output must be given; see --help");
    folder->root = root_of(path, &stage->arena, failure);
    folder->begun = arena_format(&stage->arena, failure, "%s.begun", path);
    if (!folder->root || !folder->begun || !check_ownership(folder, path, failure))
        return false;
    if (!artifact_create_whole(&folder->manifest, stage, kind, is_whole, failure)) {
        if (failure->code == EX_OK && !stage_explains(stage))
            unlink(folder->begun); // of a run that was killed right after its commit
        return false;
    }
    pthread_mutex_init(&folder->lock, NULL);
    folder->open = true;
    read_before(folder, &stage->arena);
    return true;
}

/* Before the first file changes: the manifest goes, and the mark of this key comes. */
static bool begin_replacing(ArtifactFolder *folder, Failure *failure)
{
    char text[KEY_LINE_BYTES];
    if (folder->replacing)
        return true;
    key_hash(&folder->stage->key, text);
    text[KEY_LINE_BYTES - 1] = '\n'; // in place of the zero byte
    if (folder->before.count == 0 && !file_write(folder->begun, text, KEY_LINE_BYTES, failure))
        return false;
    artifact_remove(folder->manifest.path);
    folder->replacing = true;
    return true;
}

bool artifact_folder_open_file(ArtifactFolder *folder, const char *name, AtomicFile *file,
                               Failure *failure)
{
    char path[sizeof file->path];
    *file = (AtomicFile){ .descriptor = -1 };
    if (!manifest_name_is_inside(name)
        || snprintf(path, sizeof path, "%s/%s", folder->root, name) >= (int)sizeof path)
        return fail(failure, EX_SOFTWARE, "%s: not a name inside a folder", name);
    pthread_mutex_lock(&folder->lock);
    bool ok = begin_replacing(folder, failure);
    pthread_mutex_unlock(&folder->lock);
    return ok && atomic_file_open(file, path, failure);
}

/* Add a line to X.manifest.begun. Where that fails, only a later run loses by it. */
static void note_done(const ArtifactFolder *folder, const ManifestEntry *entry)
{
    char line[MANIFEST_LINE_BYTES];
    size_t length = manifest_line(entry, line);
    int descriptor = open(folder->begun, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (descriptor < 0)
        return;
    off_t before = lseek(descriptor, 0, SEEK_END);
    bool noted = write(descriptor, line, length) == (ssize_t)length
        || ftruncate(descriptor, before) == 0; // whole or not at all; the mark of the key must stay
    (void)noted;
    close(descriptor);
}

static bool enter(ArtifactFolder *folder, const char *name, const char *sha256, uint64_t bytes,
                  bool note, Failure *failure)
{
    pthread_mutex_lock(&folder->lock);
    bool ok = manifest_add(&folder->done, sha256, bytes, name, &folder->stage->arena, failure);
    if (ok && note)
        note_done(folder, &folder->done.entries[folder->done.count - 1]);
    pthread_mutex_unlock(&folder->lock);
    return ok;
}

bool artifact_folder_close_file(ArtifactFolder *folder, AtomicFile *file, Failure *failure)
{
    char sha256[SHA256_HEX_BYTES], name[sizeof file->path];
    snprintf(name, sizeof name, "%s", file->path + strlen(folder->root) + 1);
    uint64_t bytes = file->size;
    return stage_inputs_stayed(folder->stage, failure) && atomic_file_commit(file, sha256, failure)
        && enter(folder, name, sha256, bytes, true, failure);
}

bool artifact_folder_has(ArtifactFolder *folder, const char *name, Failure *failure)
{
    char path[2048], sha256[SHA256_HEX_BYTES];
    Failure none = { 0 };
    const ManifestEntry *entry = manifest_find(&folder->before, name);
    if (!entry)
        return false;
    snprintf(path, sizeof path, "%s/%s", folder->root, name);
    return sha256_of_file(path, sha256, &none) && strcmp(sha256, entry->sha256) == 0
        && enter(folder, name, sha256, entry->bytes, false, failure);
}

static bool check_names(const Manifest *manifest, Failure *failure)
{
    for (size_t i = 1; i < manifest->count; i++)
        if (strcmp(manifest->entries[i - 1].name, manifest->entries[i].name) == 0)
            return fail(failure, EX_SOFTWARE, "%s: written twice", manifest->entries[i].name);
    return true;
}

static bool write_manifest(ArtifactFolder *folder, Failure *failure)
{
    char line[MANIFEST_LINE_BYTES];
    for (size_t i = 0; i < folder->done.count; i++) {
        size_t length = manifest_line(&folder->done.entries[i], line);
        if (!atomic_file_write(&folder->manifest.file, line, length, failure))
            return false;
    }
    return true;
}

static void enter_cache(const ArtifactFolder *folder)
{
    char path[2048];
    const char *cache = option_text(&folder->stage->values, "cache");
    for (size_t i = 0; cache && i < folder->done.count; i++) {
        const ManifestEntry *entry = &folder->done.entries[i];
        snprintf(path, sizeof path, "%s/%s", folder->root, entry->name);
        cache_enter_file(cache, entry->sha256, path);
    }
}

bool artifact_folder_commit(ArtifactFolder *folder, Failure *failure)
{
    manifest_sort(&folder->done);
    if (!check_names(&folder->done, failure) || !write_manifest(folder, failure))
        return false;
    sweep(folder->root, "", &folder->done, 0);
    enter_cache(folder); // before the manifest: a cached manifest says that its files are there
    if (!artifact_commit(&folder->manifest, failure))
        return false;
    unlink(folder->begun);
    artifact_folder_discard(folder);
    return true;
}

void artifact_folder_discard(ArtifactFolder *folder)
{
    artifact_discard(&folder->manifest);
    if (folder->open)
        pthread_mutex_destroy(&folder->lock);
    *folder = (ArtifactFolder){ 0 };
}
