/*
 * CachePrune: what goes from a cache that is to be smaller, and its removal.
 *
 * First goes what is of no use to anybody, then the least recently used, and last, in the same
 * order, what recipes stand for (cache_pin.h). Bytes go with the last action that refers to them.
 */
#ifndef PODIUM_ARTIFACT_CACHE_PRUNE_H
#define PODIUM_ARTIFACT_CACHE_PRUNE_H

#include "common/artifact/cache_survey.h"

/* What is to stay. */
typedef struct CacheKeep {
    bool by_age;
    uint64_t amount; // bytes; or seconds: what was used within them, and what is pinned
} CacheKeep;

/* "10G", "512M", "0", "30d", "12h"; units of 1024. EX_USAGE where it is none of them. */
bool cache_keep_parse(CacheKeep *keep, const char *text, Failure *failure);

/* Bytes for people: "1.5G", "812M", "17K". */
#define CACHE_SIZE_TEXT_BYTES 24
const char *cache_size_text(char text[CACHE_SIZE_TEXT_BYTES], uint64_t bytes);
#define CACHE_SIZE_TEXT(bytes) cache_size_text((char[CACHE_SIZE_TEXT_BYTES]){ 0 }, bytes)

typedef struct CachePlan {
    bool *goes;         // [action_count]
    size_t *references; // [content_count]: those that stay
    size_t actions;     // how many go
    size_t contents;
    uint64_t bytes; // of all that goes
    uint64_t freed; // of it, what no build has besides
} CachePlan;

/* Say what goes; changes nothing. The plan lives in the arena. */
bool cache_plan(CachePlan *plan, const CacheSurvey *survey, CacheKeep keep, int64_t now_seconds,
                Arena *arena, Failure *failure);

/*
 * Remove what goes. What was used since the survey stays. Whoever restores some of it at the same
 * time gets all of its bytes, or makes them; what can't be removed stays.
 */
void cache_prune(const CacheSurvey *survey, CachePlan *plan, int64_t now_seconds);

/*
 * Keep a cache below a size: where it holds more, by what its log says, look through it and prune it
 * to a tenth less, so that the next make doesn't have to.
 *
 *   most_bytes  0: no limit
 *   pruned      what went; { 0 } mostly
 *   failure     as cache_survey
 */
bool cache_limit(const char *folder, uint64_t most_bytes, CachePlan *pruned, int64_t now_seconds,
                 Arena *arena, Failure *failure);

#endif
