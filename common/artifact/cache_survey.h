/*
 * CacheSurvey: all that is in a cache: one walk, and each action read once.
 *
 * Actions and bytes refer to one another: an action to the bytes of its artifact, and, where that is
 * a manifest, to those of its files.
 */
#ifndef PODIUM_ARTIFACT_CACHE_SURVEY_H
#define PODIUM_ARTIFACT_CACHE_SURVEY_H

#include "common/artifact/cache_layout.h"
#include "common/artifact/cache_pin.h"
#include "common/base/arena.h"
#include "common/base/sha256.h"

#include <stdint.h>

/* What was entered less than this ago may lack what is entered after it: thousands of files come
 * before their manifest. */
#define CACHE_SETTLED_SECONDS 86400

typedef struct CacheAction {
    const char *name;   // in its subfolder, which its first two digits name
    char artifact[520]; // as it was called where it was made: two names
    char kind[32];      // "checkpoint", ...
    uint64_t bytes;     // of the action itself
    int64_t used;       // seconds since 1970
    size_t *contents;   // indices of the bytes that it refers to
    size_t content_count;
    bool pinned; // a recipe stands for it
    bool broken; // it can't be read, or refers to what isn't there: no use to anybody
    char sha256[SHA256_HEX_BYTES];
    char key[SHA256_HEX_BYTES]; // the hash of its key
} CacheAction;

typedef struct CacheContent {
    char sha256[SHA256_HEX_BYTES];
    uint64_t bytes;
    int64_t changed;   // seconds since 1970
    size_t references; // of actions
    bool linked;       // a build has the same file, so that its removal frees nothing
} CacheContent;

typedef struct CacheSurvey {
    const char *folder;
    CachePins pins;
    CacheAction *actions;
    CacheContent *contents; // sorted by digest
    const char **leftovers; // names of what writers that were killed left behind, settled
    size_t action_count, content_count, leftover_count;
    uint64_t bytes; // of all of it, each once
} CacheSurvey;

/*
 * Look through a cache. What vanishes meanwhile is left out.
 *
 *   survey   lives in the arena; `folder` is borrowed
 *   cost     a stat for each file, a read for each action, as many at once as parallel_for has
 *            threads: give it more than there are cores, as it waits for the disk or the network
 *   failure  EX_NOINPUT: no such folder
 */
bool cache_survey(CacheSurvey *survey, const char *folder, int64_t now_seconds, Arena *arena,
                  Failure *failure);

#endif
