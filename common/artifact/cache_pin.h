/*
 * CachePin: the keys that a recipe's submission and reports stand for, so that they go last.
 *
 * FOLDER/pins/RECIPE.OWNER.pin, a key's hash a line. The owner is the folder that the recipe was
 * made in, on its machine: each make there that ends well says anew what it stands for. A pin that
 * no make has renewed for CACHE_PIN_DAYS days counts no longer.
 */
#ifndef PODIUM_ARTIFACT_CACHE_PIN_H
#define PODIUM_ARTIFACT_CACHE_PIN_H

#include "common/base/arena.h"
#include "common/base/sha256.h"

#include <stdint.h>

#define CACHE_PIN_DAYS 30

/*
 * Pin the keys of artifacts, as their provenance says, in place of what this recipe pinned before.
 *
 *   count   0: what it pinned before, from now on
 */
void cache_pin(const char *folder, const char *recipe, const char *owner,
               const char *const artifacts[], size_t count, Arena scratch);

/* The keys that are pinned, sorted, and the recipes that pin them. */
typedef struct CachePins {
    char (*keys)[SHA256_HEX_BYTES];
    size_t count, capacity;
    const char *recipes; // "moe, soft-label"; "" where there is none
} CachePins;

/* Read all pins; those that don't count any longer are removed. */
bool cache_pins_read(CachePins *pins, const char *folder, int64_t now_seconds, Arena *arena,
                     Failure *failure);

/* Whether a key is pinned. */
bool cache_pins_have(const CachePins *pins, const char *key_hash);

#endif
