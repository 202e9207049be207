#define OPENSSL_SUPPRESS_DEPRECATED
#include "common/artifact/cache.h"
#include "common/artifact/manifest.h"
#include "common/artifact/provenance.h"
#include "common/base/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void entry_path(char path[1100], const char *folder, const char *output, const Key *key)
{
    char hash[SHA256_HEX_BYTES];
    key_hash(key, hash);
    snprintf(path, 1100, "%s/%.2s/%s.%s", folder, hash, hash, output);
}

/* The same bytes under another name: a hard link where the file system allows it, else a copy. */
static bool place(const char *from, const char *to)
{
    char temporary[1200];
    MappedFile file;
    Failure none = { 0 };
    snprintf(temporary, sizeof temporary, "%s.%ld.new", to, (long)getpid());
    unlink(temporary);
    if (link(from, temporary) == 0) {
        bool placed = rename(temporary, to) == 0;
        unlink(temporary); // rename leaves it where both were one file already
        return placed;
    }
    if (!mapped_file_open(&file, from, &none))
        return false;
    bool ok = file_write(to, file.bytes, file.size, &none);
    mapped_file_close(&file);
    return ok;
}

static bool has_digest(const char *path, const char *expected)
{
    char sha256[SHA256_HEX_BYTES];
    Failure none = { 0 };
    return sha256_of_file(path, sha256, &none) && strcmp(sha256, expected) == 0;
}

bool cache_restore(const char *folder, const char *output, const char *path, const Key *key,
                   Arena scratch)
{
    char entry[1100];
    Provenance provenance;
    Failure none = { 0 };
    entry_path(entry, folder, output, key);
    char *target_folder = path_folder(path, &scratch, &none);
    return target_folder && provenance_read(&provenance, entry, &scratch, &none)
        && key_equal(&provenance.key, key) && has_digest(entry, provenance.sha256)
        && folder_make(target_folder, &none) && place(entry, path)
        && provenance_write(&provenance, path, &none);
}

static void file_entry_path(char path[1100], const char *folder, const char *sha256)
{
    snprintf(path, 1100, "%s/%.2s/%s.file", folder, sha256, sha256);
}

bool cache_restore_file(const char *folder, const char *sha256, const char *path, Arena scratch)
{
    char entry[1100];
    Failure none = { 0 };
    file_entry_path(entry, folder, sha256);
    char *target_folder = path_folder(path, &scratch, &none);
    return target_folder && has_digest(entry, sha256) && folder_make(target_folder, &none)
        && place(entry, path);
}

/* Whether the files that a manifest names are there. */
static bool has_files(const char *folder, const char *manifest_path, Arena scratch)
{
    char entry[1100];
    Manifest manifest;
    Failure none = { 0 };
    if (!manifest_read(&manifest, manifest_path, &scratch, &none))
        return false;
    for (size_t i = 0; i < manifest.count; i++) {
        file_entry_path(entry, folder, manifest.entries[i].sha256);
        if (!has_digest(entry, manifest.entries[i].sha256))
            return false;
    }
    return true;
}

bool cache_has(const char *folder, const char *output, const char *path, const Key *key,
               Arena scratch)
{
    char entry[1100];
    Provenance provenance;
    Failure none = { 0 };
    entry_path(entry, folder, output, key);
    return provenance_read(&provenance, entry, &scratch, &none) && key_equal(&provenance.key, key)
        && has_digest(entry, provenance.sha256)
        && (!manifest_is_name(path) || has_files(folder, entry, scratch));
}

void cache_enter_file(const char *folder, const char *sha256, const char *path)
{
    char entry[1100], entry_folder[1100];
    Failure none = { 0 };
    file_entry_path(entry, folder, sha256);
    snprintf(entry_folder, sizeof entry_folder, "%.*s", (int)(path_name(entry) - entry - 1), entry);
    if (folder_make(entry_folder, &none))
        place(path, entry);
}

void cache_enter(const char *folder, const char *output, const char *path,
                 const Provenance *provenance)
{
    char entry[1100];
    Failure none = { 0 };
    entry_path(entry, folder, output, &provenance->key);
    char entry_folder[1100];
    snprintf(entry_folder, sizeof entry_folder, "%.*s", (int)(path_name(entry) - entry - 1), entry);
    if (folder_make(entry_folder, &none) && place(path, entry))
        provenance_write(provenance, entry, &none); // last: it says that the entry is complete
}
