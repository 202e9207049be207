#include "common/artifact/cache_pin.h"
#include "common/artifact/cache_file.h"
#include "common/artifact/cache_layout.h"
#include "common/artifact/provenance.h"
#include "common/base/file.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define ENDING ".pin"
#define OWNER_DIGITS 16
#define DAY_SECONDS 86400
#define FIRST_CAPACITY 256

/* RECIPE.OWNER.pin; the owner's digits tell clones and machines apart. */
static bool pin_path(char path[CACHE_PATH_BYTES], const char *folder, const char *recipe,
                     const char *owner)
{
    char host[256] = "", whole[4096], place[4096 + 256], hash[SHA256_HEX_BYTES];
    gethostname(host, sizeof host - 1);
    int length =
        snprintf(place, sizeof place, "%s:%s", host, realpath(owner, whole) ? whole : owner);
    if (length >= (int)sizeof place || strchr(recipe, '/'))
        return false;
    sha256_of(place, (size_t)length, hash);
    return snprintf(path, CACHE_PATH_BYTES, "%s/pins/%s.%.*s" ENDING, folder, recipe, OWNER_DIGITS,
                    hash)
        < CACHE_PATH_BYTES;
}

static char *key_lines(const char *const artifacts[], size_t count, Arena *arena)
{
    Failure none = { 0 };
    char *text = arena_allocate(arena, count * SHA256_HEX_BYTES + 1, 1, &none);
    for (size_t i = 0, at = 0; text && i < count; i++) {
        char hash[SHA256_HEX_BYTES];
        Provenance provenance;
        Arena scratch = *arena;
        Failure unread = { 0 };
        if (!provenance_read(&provenance, artifacts[i], &scratch, &unread))
            continue;
        key_hash(&provenance.key, hash);
        at += (size_t)snprintf(text + at, SHA256_HEX_BYTES + 1, "%s\n", hash);
    }
    return text;
}

void cache_pin(const char *folder, const char *recipe, const char *owner,
               const char *const artifacts[], size_t count, Arena scratch)
{
    char path[CACHE_PATH_BYTES];
    Failure none = { 0 };
    if (!pin_path(path, folder, recipe, owner))
        return;
    if (count == 0) {
        utimensat(AT_FDCWD, path, NULL, 0);
        return;
    }
    char *text = key_lines(artifacts, count, &scratch);
    if (text && cache_subfolder_make(folder, path) && file_write(path, text, strlen(text), &none))
        cache_share(folder, path, false);
}

static bool add_key(CachePins *pins, const char *line, Arena *arena, Failure *failure)
{
    if (pins->count == pins->capacity) {
        char(*keys)[SHA256_HEX_BYTES];
        size_t capacity = pins->capacity ? 2 * pins->capacity : FIRST_CAPACITY;
        if (!arena_array(arena, keys, capacity, failure))
            return false;
        if (pins->count)
            memcpy(keys, pins->keys, pins->count * sizeof *keys);
        pins->keys = keys;
        pins->capacity = capacity;
    }
    memcpy(pins->keys[pins->count++], line, SHA256_HEX_BYTES);
    return true;
}

static bool add_keys(CachePins *pins, char *text, Arena *arena, Failure *failure)
{
    for (char *line; (line = strsep(&text, "\n"));)
        if (cache_is_digest(line) && !add_key(pins, line, arena, failure))
            return false;
    return true;
}

/* "soft-label" of "soft-label.0123456789abcdef.pin"; 0 where the name is no pin's. */
static size_t recipe_length(const char *name)
{
    size_t ending = 1 + OWNER_DIGITS + strlen(ENDING), length = strlen(name);
    return length > ending && name[0] != '.' && strcmp(name + length - strlen(ENDING), ENDING) == 0
            && name[length - ending] == '.'
        ? length - ending
        : 0;
}

/* Whether a list "a, b" has a word. */
static bool has_word(const char *list, const char *word, size_t length)
{
    for (const char *at = list; (at = strstr(at, word)); at++)
        if ((at == list || at[-1] == ' ') && (at[length] == ',' || at[length] == 0))
            return true;
    return false;
}

static bool read_pin(CachePins *pins, const char *path, const char *name, int64_t now, Arena *arena,
                     Failure *failure)
{
    char *text, *recipe;
    size_t size, length = recipe_length(name);
    struct stat status;
    if (!length || stat(path, &status) != 0)
        return true;
    if (status.st_mtim.tv_sec < now - (int64_t)CACHE_PIN_DAYS * DAY_SECONDS) {
        unlink(path);
        return true;
    }
    if (cache_file_read(path, arena, &text, &size) != CACHE_DONE)
        return true;
    recipe = arena_copy(arena, name, length, failure);
    if (recipe && !has_word(pins->recipes, recipe, length))
        pins->recipes = arena_format(arena, failure, "%s%s%s", pins->recipes,
                                     *pins->recipes ? ", " : "", recipe);
    return recipe && pins->recipes && add_keys(pins, text, arena, failure);
}

static int by_text(const void *a, const void *b)
{
    return strcmp(a, b);
}

bool cache_pins_read(CachePins *pins, const char *folder, int64_t now_seconds, Arena *arena,
                     Failure *failure)
{
    char path[CACHE_PATH_BYTES];
    bool ok = true;
    *pins = (CachePins){ .recipes = "" };
    snprintf(path, sizeof path, "%s/pins", folder);
    DIR *open = opendir(path);
    for (struct dirent *entry; open && ok && (entry = readdir(open));)
        if (snprintf(path, sizeof path, "%s/pins/%s", folder, entry->d_name) < (int)sizeof path)
            ok = read_pin(pins, path, entry->d_name, now_seconds, arena, failure);
    if (open)
        closedir(open);
    if (ok && pins->count)
        qsort(pins->keys, pins->count, sizeof *pins->keys, by_text);
    return ok;
}

bool cache_pins_have(const CachePins *pins, const char *key_hash)
{
    return pins->count && bsearch(key_hash, pins->keys, pins->count, sizeof *pins->keys, by_text);
}
