/*
 * CacheLog: what is known of a cache without walking through it.
 *
 *   entered.log   line 1 "podium-cache 1 BYTES", what it held when it was looked through; then a
 *                 line "BYTES" for each thing entered since
 *   makes.log     a line "TIME MADE RESTORED" for each make that had something to do
 *
 * Both are estimates: lines may get lost between machines, and nothing depends on them but when the
 * cache is looked through.
 */
#ifndef PODIUM_ARTIFACT_CACHE_LOG_H
#define PODIUM_ARTIFACT_CACHE_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Note that so many bytes were entered. */
void cache_log_entered(const char *folder, uint64_t bytes);

/* About how much is in the cache; false where it has to be looked through to tell. */
bool cache_log_held(const char *folder, uint64_t *bytes);

/* Note how much is in the cache, by who looked through it. */
void cache_log_looked(const char *folder, uint64_t bytes);

/* Note what a make did. */
void cache_log_make(const char *folder, uint64_t made, uint64_t restored);

/* What the last makes did, CACHE_LAST_MAKES at most. */
#define CACHE_LAST_MAKES 20
typedef struct CacheMakes {
    size_t count;
    uint64_t made, restored;
} CacheMakes;
CacheMakes cache_log_makes(const char *folder);

#endif
