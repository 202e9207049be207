#include "common/artifact/manifest.h"
#include "common/base/file.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64
#define MOST_NAME_BYTES 1024
#define DIGEST_DIGITS (SHA256_HEX_BYTES - 1)

bool manifest_is_name(const char *path)
{
    size_t length = strlen(path), ending = strlen(MANIFEST_ENDING);
    return length > ending && strcmp(path + length - ending, MANIFEST_ENDING) == 0
        && path[length - ending - 1] != '/';
}

bool manifest_name_is_inside(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > MOST_NAME_BYTES || strchr(name, '\n'))
        return false;
    for (const char *part = name;; part += strcspn(part, "/") + 1) {
        size_t size = strcspn(part, "/");
        if (size == 0 || (size == 1 && part[0] == '.') || (size == 2 && memcmp(part, "..", 2) == 0))
            return false;
        if (part[size] == 0)
            return true;
    }
}

bool manifest_add(Manifest *manifest, const char *sha256, uint64_t bytes, const char *name,
                  Arena *arena, Failure *failure)
{
    if (manifest->count == manifest->capacity) {
        size_t capacity = manifest->capacity ? 2 * manifest->capacity : FIRST_CAPACITY;
        ManifestEntry *entries;
        if (!arena_array(arena, entries, capacity, failure))
            return false;
        if (manifest->count)
            memcpy(entries, manifest->entries, manifest->count * sizeof *entries);
        manifest->entries = entries;
        manifest->capacity = capacity;
    }
    ManifestEntry *entry = &manifest->entries[manifest->count];
    entry->bytes = bytes;
    entry->name = arena_copy(arena, name, strlen(name), failure);
    snprintf(entry->sha256, sizeof entry->sha256, "%s", sha256);
    manifest->count += entry->name != NULL;
    return entry->name != NULL;
}

/* Take a line apart in place; false where it is none. */
static bool split_line(char *line, ManifestEntry *entry)
{
    if (strspn(line, "0123456789abcdef") != DIGEST_DIGITS || line[DIGEST_DIGITS] != ' ')
        return false;
    memcpy(entry->sha256, line, DIGEST_DIGITS);
    entry->sha256[DIGEST_DIGITS] = 0;
    char *number = line + DIGEST_DIGITS + 1, *end = number + strspn(number, "0123456789");
    if (end == number || end - number > 18 || *end != ' ')
        return false;
    entry->bytes = strtoull(number, NULL, 10);
    entry->name = end + 1;
    return manifest_name_is_inside(entry->name);
}

bool manifest_parse(Manifest *manifest, const char *text, size_t size, const char *path,
                    Arena *arena, Failure *failure)
{
    char line[MANIFEST_LINE_BYTES];
    *manifest = (Manifest){ 0 };
    for (size_t number = 1; size > 0; number++) {
        ManifestEntry entry;
        const char *newline = memchr(text, '\n', size);
        size_t length = newline ? (size_t)(newline - text) : size;
        if (!newline || length >= sizeof line)
            return fail(failure, EX_DATAERR, "%s:%zu: the line is cut off or too long", path,
                        number);
        memcpy(line, text, length);
        line[length] = 0;
        if (strlen(line) != length || !split_line(line, &entry))
            return fail(failure, EX_DATAERR, "%s:%zu: not SHA256 BYTES NAME; not a manifest", path,
                        number);
        if (!manifest_add(manifest, entry.sha256, entry.bytes, entry.name, arena, failure))
            return false;
        text += length + 1;
        size -= length + 1;
    }
    return true;
}

bool manifest_read(Manifest *manifest, const char *path, Arena *arena, Failure *failure)
{
    char *text;
    size_t size;
    *manifest = (Manifest){ 0 };
    if (!file_read(path, arena, &text, &size, failure)
        || !manifest_parse(manifest, text, size, path, arena, failure))
        return false;
    manifest_sort(manifest);
    return true;
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const ManifestEntry *)a)->name, ((const ManifestEntry *)b)->name);
}

void manifest_sort(Manifest *manifest)
{
    if (manifest->count)
        qsort(manifest->entries, manifest->count, sizeof *manifest->entries, by_name);
}

const ManifestEntry *manifest_find(const Manifest *manifest, const char *name)
{
    ManifestEntry wanted = { .name = name };
    return manifest->count
        ? bsearch(&wanted, manifest->entries, manifest->count, sizeof *manifest->entries, by_name)
        : NULL;
}

size_t manifest_line(const ManifestEntry *entry, char line[MANIFEST_LINE_BYTES])
{
    return (size_t)snprintf(line, MANIFEST_LINE_BYTES, "%s %" PRIu64 " %s\n", entry->sha256,
                            entry->bytes, entry->name);
}
