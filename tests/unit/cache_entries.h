/*
 * Artifacts to be entered into a cache: any bytes, under a key of one word.
 */
#ifndef PODIUM_TESTS_CACHE_ENTRIES_H
#define PODIUM_TESTS_CACHE_ENTRIES_H

#include "suite.h"
#include "tests/temporary.h"
#include "common/artifact/cache.h"
#include "common/artifact/cache_layout.h"
#include "common/base/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static char entries_folder[64], entries_cache[128];
static Arena entries_arena;

/* A folder, with no cache in it yet. */
static inline void entries_begin(void)
{
    Failure failure = { 0 };
    strcpy(entries_folder, "/tmp/podium-test-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(entries_folder));
    snprintf(entries_cache, sizeof entries_cache, "%s/cache", entries_folder);
    ck_assert(arena_open(&entries_arena, ARENA_LARGE, &failure));
}

static inline void entries_end(void)
{
    temporary_remove(entries_folder);
    arena_close(&entries_arena);
}

static inline char *entries_path(const char *name)
{
    Failure failure = { 0 };
    return arena_format(&entries_arena, &failure, "%s/%s", entries_folder, name);
}

/* The key of one word, with no bytes known yet. */
static inline Provenance entries_wanted(const char *word)
{
    Failure failure = { 0 };
    Provenance provenance = { .kind = "text", .podium = "1", .sha256 = "", .inputs = NULL };
    ck_assert(key_add(&provenance.key, "option/word", word, &entries_arena, &failure));
    key_seal(&provenance.key);
    return provenance;
}

/* An artifact of these bytes, made under the key of the word. */
static inline Provenance entries_make(const char *name, const char *word, const char *text)
{
    Failure failure = { 0 };
    char *hash = arena_allocate(&entries_arena, SHA256_HEX_BYTES, 1, &failure);
    Provenance provenance = entries_wanted(word);
    sha256_of(text, strlen(text), hash);
    provenance.sha256 = hash;
    provenance.size = strlen(text);
    ck_assert(file_write(entries_path(name), text, strlen(text), &failure));
    ck_assert(provenance_write(&provenance, entries_path(name), &failure));
    return provenance;
}

/* The same, entered into the cache. */
static inline void entries_enter(const char *name, const char *word, const char *text)
{
    Provenance provenance = entries_make(name, word, text);
    cache_enter(entries_cache, "output", entries_path(name), &provenance, entries_arena);
}

static inline bool entries_restore(const char *name, const char *word)
{
    Provenance wanted = entries_wanted(word);
    return cache_restore(entries_cache, "output", entries_path(name), &wanted, entries_arena);
}

static inline bool entries_file_has(const char *path, const char *expected)
{
    char *text;
    size_t size;
    Failure failure = { 0 };
    return file_read(path, &entries_arena, &text, &size, &failure) && strcmp(text, expected) == 0;
}

/* Where the cache has the action of a word, and bytes. */
static inline const char *entries_action(const char *word)
{
    static char path[CACHE_PATH_BYTES];
    char hash[SHA256_HEX_BYTES];
    key_hash(&(Key){ entries_wanted(word).key.fields, 1, 1 }, hash);
    cache_action_path(path, entries_cache, hash, "output");
    return path;
}

static inline const char *entries_content(const char *text)
{
    static char path[CACHE_PATH_BYTES];
    char hash[SHA256_HEX_BYTES];
    sha256_of(text, strlen(text), hash);
    cache_content_path(path, entries_cache, hash);
    return path;
}

static inline bool entries_has(const char *path)
{
    return access(path, F_OK) == 0;
}

/* Give a file a time, `days` ago. */
static inline void entries_age(const char *path, unsigned days)
{
    struct timespec then = { time(NULL) - (time_t)days * 86400, 0 };
    ck_assert_int_eq(utimensat(AT_FDCWD, path, (struct timespec[]){ then, then }, 0), 0);
}

#endif
