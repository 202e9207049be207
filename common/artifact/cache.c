#define OPENSSL_SUPPRESS_DEPRECATED
#include "common/artifact/cache.h"
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

bool cache_restore(const char *folder, const char *output, const char *path, const Key *key,
                   Arena scratch)
{
    char entry[1100], sha256[SHA256_HEX_BYTES];
    Provenance provenance;
    Failure none = { 0 };
    entry_path(entry, folder, output, key);
    char *target_folder = path_folder(path, &scratch, &none);
    return target_folder && provenance_read(&provenance, entry, &scratch, &none)
        && key_equal(&provenance.key, key) && sha256_of_file(entry, sha256, &none)
        && strcmp(sha256, provenance.sha256) == 0 && folder_make(target_folder, &none)
        && place(entry, path) && provenance_write(&provenance, path, &none);
}

static void file_entry_path(char path[1100], const char *folder, const char *sha256)
{
    snprintf(path, 1100, "%s/%.2s/%s.file", folder, sha256, sha256);
}

bool cache_restore_file(const char *folder, const char *sha256, const char *path, Arena scratch)
{
    char entry[1100], found[SHA256_HEX_BYTES];
    Failure none = { 0 };
    file_entry_path(entry, folder, sha256);
    char *target_folder = path_folder(path, &scratch, &none);
    return target_folder && sha256_of_file(entry, found, &none) && strcmp(found, sha256) == 0
        && folder_make(target_folder, &none) && place(entry, path);
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
