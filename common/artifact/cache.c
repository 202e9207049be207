#include "common/artifact/cache.h"
#include "common/artifact/cache_file.h"
#include "common/artifact/cache_layout.h"
#include "common/artifact/cache_log.h"
#include "common/artifact/manifest.h"
#include "common/base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void action_path_of(char path[CACHE_PATH_BYTES], const char *folder, const char *output,
                           const Key *key)
{
    char hash[SHA256_HEX_BYTES];
    key_hash(key, hash);
    cache_action_path(path, folder, hash, output);
}

/* What a key's output is, as the cache knows it. Damaged: not the provenance of this key. */
static CacheResult read_action(const char *path, const Key *key, Provenance *provenance,
                               Arena *arena)
{
    char *text;
    size_t size;
    Failure none = { 0 };
    CacheResult result = cache_file_read(path, arena, &text, &size);
    if (result != CACHE_DONE)
        return result;
    bool sound = provenance_parse(provenance, text, size, path, arena, &none)
        && key_equal(&provenance->key, key) && cache_is_digest(provenance->sha256);
    return sound ? CACHE_DONE : none.code == EX_OSERR ? CACHE_REFUSED : CACHE_DAMAGED;
}

/* Bytes by digest to `path`; where they are damaged, the cache loses them. */
static CacheResult restore_content(const char *folder, const char *sha256, const char *path,
                                   Arena scratch)
{
    char content[CACHE_PATH_BYTES];
    Failure none = { 0 };
    char *target_folder = path_folder(path, &scratch, &none);
    if (!cache_is_digest(sha256) || !target_folder || !folder_make(target_folder, &none))
        return CACHE_REFUSED;
    cache_content_path(content, folder, sha256);
    CacheResult result = cache_file_place(content, path, sha256, true);
    if (result == CACHE_DAMAGED)
        unlink(content);
    return result;
}

/* The old provenance goes first, so that it never stands beside bytes that it doesn't describe. */
static CacheResult restore_both(const char *folder, const char *path, Provenance *provenance,
                                const Provenance *wanted, Arena scratch)
{
    char beside[CACHE_PATH_BYTES];
    Failure none = { 0 };
    snprintf(beside, sizeof beside, "%s.provenance", path);
    unlink(beside);
    CacheResult result = restore_content(folder, provenance->sha256, path, scratch);
    if (result != CACHE_DONE)
        return result;
    provenance->inputs = wanted->inputs;
    provenance->input_count = wanted->input_count;
    if (provenance_write(provenance, path, &none))
        return CACHE_DONE;
    unlink(path); // bytes that nothing vouches for
    return CACHE_REFUSED;
}

bool cache_restore(const char *folder, const char *output, const char *path,
                   const Provenance *wanted, Arena scratch)
{
    char action[CACHE_PATH_BYTES];
    Provenance provenance;
    action_path_of(action, folder, output, &wanted->key);
    CacheResult result = read_action(action, &wanted->key, &provenance, &scratch);
    if (result == CACHE_MISSING || result == CACHE_REFUSED)
        return false;
    if (result == CACHE_DONE)
        result = restore_both(folder, path, &provenance, wanted, scratch);
    if (result == CACHE_DAMAGED || result == CACHE_MISSING)
        unlink(action); // it promises what isn't there
    else
        utimensat(AT_FDCWD, action, NULL, 0); // used now; where it is another's, it only ages
    return result == CACHE_DONE;
}

bool cache_restore_file(const char *folder, const char *sha256, const char *path, Arena scratch)
{
    return restore_content(folder, sha256, path, scratch) == CACHE_DONE;
}

static bool has_content(const char *folder, const char *sha256)
{
    char content[CACHE_PATH_BYTES];
    cache_content_path(content, folder, sha256);
    return cache_is_digest(sha256) && cache_file_check(content, sha256) == CACHE_DONE;
}

/* Whether the files that a manifest names are there. */
static bool has_files(const char *folder, const char *sha256, Arena scratch)
{
    char content[CACHE_PATH_BYTES], *text;
    size_t size;
    Manifest manifest;
    Failure none = { 0 };
    cache_content_path(content, folder, sha256);
    if (cache_file_read(content, &scratch, &text, &size) != CACHE_DONE
        || !manifest_parse(&manifest, text, size, content, &scratch, &none))
        return false;
    for (size_t i = 0; i < manifest.count; i++)
        if (!has_content(folder, manifest.entries[i].sha256))
            return false;
    return true;
}

bool cache_has(const char *folder, const char *output, const char *path, const Key *key,
               Arena scratch)
{
    char action[CACHE_PATH_BYTES];
    Provenance provenance;
    action_path_of(action, folder, output, key);
    return read_action(action, key, &provenance, &scratch) == CACHE_DONE
        && has_content(folder, provenance.sha256)
        && (!manifest_is_name(path) || has_files(folder, provenance.sha256, scratch));
}

/* Whether bytes of this digest are there already, as far as can be seen without reading them. */
static bool is_entered(const char *content, const struct stat *artifact)
{
    struct stat status;
    return lstat(content, &status) == 0 && S_ISREG(status.st_mode)
        && status.st_size == artifact->st_size;
}

static bool enter_content(const char *folder, const char *sha256, const char *path)
{
    char content[CACHE_PATH_BYTES];
    struct stat artifact;
    cache_content_path(content, folder, sha256);
    if (stat(path, &artifact) != 0 || !cache_subfolder_make(folder, content))
        return false;
    if (is_entered(content, &artifact))
        return true;
    if (cache_file_place(path, content, sha256, false) != CACHE_DONE)
        return false;
    cache_share(folder, content, false);
    cache_log_entered(folder, (uint64_t)artifact.st_size);
    return true;
}

void cache_enter_file(const char *folder, const char *sha256, const char *path)
{
    enter_content(folder, sha256, path);
}

void cache_enter(const char *folder, const char *output, const char *path,
                 const Provenance *provenance, Arena scratch)
{
    char action[CACHE_PATH_BYTES], beside[CACHE_PATH_BYTES], *text;
    size_t size;
    Failure none = { 0 };
    action_path_of(action, folder, output, &provenance->key);
    snprintf(beside, sizeof beside, "%s.provenance", path);
    if (!enter_content(folder, provenance->sha256, path) || !cache_subfolder_make(folder, action)
        || cache_file_read(beside, &scratch, &text, &size) != CACHE_DONE
        || !file_write(action, text, size, &none)) // last: it says that the entry is complete
        return;
    cache_share(folder, action, true);
    cache_log_entered(folder, size);
}
