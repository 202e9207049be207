#include "common/artifact/cache_survey.h"
#include "common/artifact/cache_file.h"
#include "common/artifact/manifest.h"
#include "common/base/parallel.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define FIRST_CAPACITY 1024
#define GRAIN 32                             // files looked at in one piece
#define ACTION_ARENA_BYTES ((size_t)1 << 28) // of the longest provenance
#define HEX_DIGITS "0123456789abcdef"

/* A file of a subfolder, as it was found. */
typedef struct Found {
    const char *name;
    CacheName kind;
    bool there, linked;
    uint64_t bytes;
    int64_t modified, changed;
} Found;

typedef struct FoundList {
    Found *files;
    size_t count, capacity;
} FoundList;

static bool add_found(FoundList *list, const char *name, CacheName kind, Arena *arena,
                      Failure *failure)
{
    if (list->count == list->capacity) {
        Found *files;
        size_t capacity = list->capacity ? 2 * list->capacity : FIRST_CAPACITY;
        if (!arena_array(arena, files, capacity, failure))
            return false;
        if (list->count)
            memcpy(files, list->files, list->count * sizeof *files);
        list->files = files;
        list->capacity = capacity;
    }
    name = arena_copy(arena, name, strlen(name), failure);
    list->files[list->count] = (Found){ .name = name, .kind = kind };
    list->count += name != NULL;
    return name != NULL;
}

static bool list_subfolder(FoundList *list, const char *folder, const char *digits, Arena *arena,
                           Failure *failure)
{
    char path[CACHE_PATH_BYTES];
    bool ok = true;
    snprintf(path, sizeof path, "%s/%s", folder, digits);
    DIR *open = opendir(path);
    for (struct dirent *entry; open && ok && (entry = readdir(open));) {
        CacheName kind = cache_name_of(entry->d_name);
        const char *own = entry->d_name + (kind == CACHE_NAME_TEMPORARY);
        if (kind != CACHE_NAME_OTHER && strncmp(own, digits, 2) == 0)
            ok = add_found(list, entry->d_name, kind, arena, failure);
    }
    if (open)
        closedir(open);
    return ok;
}

static bool list_files(FoundList *list, const char *folder, Arena *arena, Failure *failure)
{
    bool ok = true;
    DIR *open = opendir(folder);
    if (!open)
        return fail_errno(failure, EX_NOINPUT, "%s", folder);
    for (struct dirent *entry; ok && (entry = readdir(open));)
        if (strlen(entry->d_name) == 2 && strspn(entry->d_name, HEX_DIGITS) == 2)
            ok = list_subfolder(list, folder, entry->d_name, arena, failure);
    closedir(open);
    return ok;
}

/* What the pieces of a walk share. */
typedef struct Walk {
    const char *folder;
    FoundList *list;
    CacheSurvey *survey;
} Walk;

static void path_of(char path[CACHE_PATH_BYTES], const char *folder, const char *name)
{
    snprintf(path, CACHE_PATH_BYTES, "%s/%.2s/%s", folder, name + (name[0] == '.'), name);
}

static void look_at(void *context, size_t begin, size_t end)
{
    const Walk *walk = context;
    for (size_t i = begin; i < end; i++) {
        char path[CACHE_PATH_BYTES];
        struct stat status;
        Found *found = &walk->list->files[i];
        path_of(path, walk->folder, found->name);
        found->there = lstat(path, &status) == 0 && S_ISREG(status.st_mode);
        if (!found->there)
            continue;
        found->bytes = (uint64_t)status.st_size;
        found->linked = status.st_nlink > 1;
        found->modified = status.st_mtim.tv_sec;
        found->changed = status.st_ctim.tv_sec;
    }
}

/*
 * Take a string of the outermost object from canonical provenance, without parsing the rest of it:
 * there each member is a line of its own, one blank in, and strings hold no newlines.
 */
static bool scan_string(const char *text, const char *start, char *value, size_t size)
{
    const char *at = strstr(text, start);
    const char *from = at ? at + strlen(start) : "";
    size_t length = strcspn(from, "\"\\\n");
    if (length >= size || from[length] != '"')
        return false;
    memcpy(value, from, length);
    value[length] = 0;
    return true;
}

static bool scan(CacheAction *action, const char *text, size_t size)
{
    return size > 4 && memcmp(text, "{\n", 2) == 0 && memcmp(text + size - 3, "\n}\n", 3) == 0
        && scan_string(text, "\n \"artifact\": \"", action->artifact, sizeof action->artifact)
        && scan_string(text, "\n \"kind\": \"", action->kind, sizeof action->kind)
        && scan_string(text, "\n \"sha256\": \"", action->sha256, sizeof action->sha256);
}

/* Take from an action's provenance what it refers to; broken where it can't be read. */
static void read_action(CacheAction *action, const char *folder, Arena scratch)
{
    char path[CACHE_PATH_BYTES], *text;
    size_t size;
    path_of(path, folder, action->name);
    action->broken = cache_file_read(path, &scratch, &text, &size) != CACHE_DONE
        || !scan(action, text, size) || !cache_is_digest(action->sha256);
}

static void read_actions(void *context, size_t begin, size_t end)
{
    const Walk *walk = context;
    Arena arena;
    Failure none = { 0 };
    bool ok = arena_open(&arena, ACTION_ARENA_BYTES, &none);
    for (size_t i = begin; i < end; i++) {
        CacheAction *action = &walk->survey->actions[i];
        action->broken = true;
        if (ok)
            read_action(action, walk->folder, arena);
    }
    if (ok)
        arena_close(&arena);
}

static int by_digest(const void *a, const void *b)
{
    return strcmp(((const CacheContent *)a)->sha256, ((const CacheContent *)b)->sha256);
}

static void add_action(CacheSurvey *survey, const Found *found)
{
    CacheAction *action = &survey->actions[survey->action_count++];
    *action = (CacheAction){ .name = found->name, .bytes = found->bytes, .used = found->modified };
    snprintf(action->key, sizeof action->key, "%s", found->name);
    action->pinned = cache_pins_have(&survey->pins, action->key);
}

static void add_content(CacheSurvey *survey, const Found *found)
{
    CacheContent *content = &survey->contents[survey->content_count++];
    *content =
        (CacheContent){ .bytes = found->bytes, .changed = found->changed, .linked = found->linked };
    snprintf(content->sha256, sizeof content->sha256, "%s", found->name);
}

static bool sort_out(CacheSurvey *survey, const FoundList *list, int64_t now, Arena *arena,
                     Failure *failure)
{
    if (!arena_array(arena, survey->actions, list->count, failure)
        || !arena_array(arena, survey->contents, list->count, failure)
        || !arena_array(arena, survey->leftovers, list->count, failure))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        const Found *found = &list->files[i];
        if (!found->there)
            continue;
        survey->bytes += found->bytes;
        if (found->kind == CACHE_NAME_ACTION)
            add_action(survey, found);
        else if (found->kind == CACHE_NAME_CONTENT)
            add_content(survey, found);
        else if (found->changed < now - CACHE_SETTLED_SECONDS)
            survey->leftovers[survey->leftover_count++] = found->name;
    }
    if (survey->content_count)
        qsort(survey->contents, survey->content_count, sizeof *survey->contents, by_digest);
    return true;
}

/* Refer to the bytes of this digest; false where the cache hasn't got them. */
static bool refer(CacheSurvey *survey, CacheAction *action, const char *sha256)
{
    CacheContent wanted;
    snprintf(wanted.sha256, sizeof wanted.sha256, "%s", sha256);
    CacheContent *content = survey->content_count
        ? bsearch(&wanted, survey->contents, survey->content_count, sizeof wanted, by_digest)
        : NULL;
    if (!content)
        return false;
    content->references++;
    action->contents[action->content_count++] = (size_t)(content - survey->contents);
    return true;
}

/* The files of the artifact that an action is about, where that is a manifest; false where the
 * manifest can't be read. */
static bool read_manifest(Manifest *manifest, const CacheSurvey *survey, const CacheAction *action,
                          Arena *arena)
{
    char path[CACHE_PATH_BYTES], *text;
    size_t size;
    Failure none = { 0 };
    *manifest = (Manifest){ 0 };
    if (action->broken || !manifest_is_name(action->artifact))
        return true;
    cache_content_path(path, survey->folder, action->sha256);
    return cache_file_read(path, arena, &text, &size) == CACHE_DONE
        && manifest_parse(manifest, text, size, path, arena, &none);
}

static bool follow(CacheSurvey *survey, CacheAction *action, Arena *arena, Failure *failure)
{
    Manifest manifest;
    bool whole = read_manifest(&manifest, survey, action, arena) && !action->broken;
    if (!arena_array(arena, action->contents, 1 + manifest.count, failure))
        return false;
    whole = refer(survey, action, action->sha256) && whole;
    for (size_t i = 0; i < manifest.count; i++)
        whole = refer(survey, action, manifest.entries[i].sha256) && whole;
    action->broken = !whole;
    return true;
}

bool cache_survey(CacheSurvey *survey, const char *folder, int64_t now_seconds, Arena *arena,
                  Failure *failure)
{
    FoundList list = { 0 };
    *survey = (CacheSurvey){ .folder = folder };
    Walk walk = { folder, &list, survey };
    if (!cache_pins_read(&survey->pins, folder, now_seconds, arena, failure)
        || !list_files(&list, folder, arena, failure))
        return false;
    parallel_for(list.count, GRAIN, look_at, &walk);
    if (!sort_out(survey, &list, now_seconds, arena, failure))
        return false;
    parallel_for(survey->action_count, GRAIN, read_actions, &walk);
    for (size_t i = 0; i < survey->action_count; i++)
        if (!follow(survey, &survey->actions[i], arena, failure))
            return false;
    return true;
}
