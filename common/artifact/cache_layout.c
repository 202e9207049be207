#include "common/artifact/cache_layout.h"
#include "common/base/file.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define DIGEST_DIGITS ((size_t)64)

void cache_action_path(char path[CACHE_PATH_BYTES], const char *folder, const char *key_hash,
                       const char *output)
{
    snprintf(path, CACHE_PATH_BYTES, "%s/%.2s/%s.%s.provenance", folder, key_hash, key_hash,
             output);
}

void cache_content_path(char path[CACHE_PATH_BYTES], const char *folder, const char *sha256)
{
    snprintf(path, CACHE_PATH_BYTES, "%s/%.2s/%s.file", folder, sha256, sha256);
}

bool cache_is_digest(const char *text)
{
    return strspn(text, "0123456789abcdef") == DIGEST_DIGITS && text[DIGEST_DIGITS] == 0;
}

/* Of what follows the digest: ".file", ".curve.provenance". */
static CacheName kind_of(const char *ending)
{
    if (strcmp(ending, ".file") == 0)
        return CACHE_NAME_CONTENT;
    size_t output =
        *ending == '.' ? strspn(ending + 1, "abcdefghijklmnopqrstuvwxyz0123456789-") : 0;
    return output && strcmp(ending + 1 + output, ".provenance") == 0 ? CACHE_NAME_ACTION
                                                                     : CACHE_NAME_OTHER;
}

CacheName cache_name_of(const char *name)
{
    char whole[CACHE_NAME_BYTES];
    bool hidden = name[0] == '.'; // .NAME.PROCESS, of an AtomicFile
    size_t length = strlen(name);
    if (length >= sizeof whole)
        return CACHE_NAME_OTHER;
    snprintf(whole, sizeof whole, "%s", name + hidden);
    char *process = hidden ? strrchr(whole, '.') : NULL;
    if (process)
        *process = 0;
    if (strspn(whole, "0123456789abcdef") != DIGEST_DIGITS)
        return CACHE_NAME_OTHER;
    CacheName kind = kind_of(whole + DIGEST_DIGITS);
    return hidden && kind != CACHE_NAME_OTHER ? CACHE_NAME_TEMPORARY : kind;
}

bool cache_subfolder_make(const char *folder, const char *path)
{
    char subfolder[CACHE_PATH_BYTES];
    struct stat status;
    Failure none = { 0 };
    snprintf(subfolder, sizeof subfolder, "%.*s", (int)(path_name(path) - path - 1), path);
    if (stat(subfolder, &status) == 0)
        return S_ISDIR(status.st_mode);
    if (!folder_make(subfolder, &none))
        return false;
    if (stat(folder, &status) == 0)
        chmod(subfolder, status.st_mode & 07777);
    return true;
}

void cache_share(const char *folder, const char *path, bool writable)
{
    struct stat all, own;
    if (stat(folder, &all) != 0 || lstat(path, &own) != 0 || own.st_uid != geteuid())
        return;
    mode_t mode = (own.st_mode | (all.st_mode & (writable ? 0666 : 0444))) & 07777;
    if (mode != (own.st_mode & 07777))
        chmod(path, mode);
}
