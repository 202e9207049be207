/*
 * CachePrint: what a cache holds, and what would go from it, as text for people.
 */
#ifndef PODIUM_ARTIFACT_CACHE_PRINT_H
#define PODIUM_ARTIFACT_CACHE_PRINT_H

#include "common/artifact/cache_prune.h"

#include <stdio.h>

/*
 * Entries, bytes, by kind; what wasn't used for a week and a month; what the last makes found.
 *
 *   most_bytes  the cache's size, 0 where it has none
 */
bool cache_print_status(FILE *to, const CacheSurvey *survey, uint64_t most_bytes,
                        int64_t now_seconds, Arena arena, Failure *failure);

/* What goes, by kind, and how much that frees; `each`: a line for each entry, too. */
bool cache_print_plan(FILE *to, const CacheSurvey *survey, const CachePlan *plan,
                      int64_t now_seconds, bool each, Arena arena, Failure *failure);

#endif
