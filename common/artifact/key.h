/*
 * Key: everything that decides a step's bytes, as a sorted list of field=value lines.
 *
 * Two runs with equal keys give equal bytes. Fields: "stage", "option/NAME", "unit/PATH" (hash of
 * the object code), "input/ROLE/N" (hash of the content), and what a stage adds ("numerics",
 * "seed").
 */
#ifndef PODIUM_ARTIFACT_KEY_H
#define PODIUM_ARTIFACT_KEY_H

#include "common/base/arena.h"
#include "common/base/sha256.h"

typedef struct KeyField {
    const char *name, *value;
} KeyField;

typedef struct Key {
    KeyField *fields; // sorted by name once key_seal was called
    size_t count, capacity;
} Key;

/* Add a field; both texts are copied. A name may be added once (EX_SOFTWARE otherwise). */
bool key_add(Key *key, const char *name, const char *value, Arena *arena, Failure *failure);

/* The same without looking for the name, for names that are known to differ: a JSON object's. */
bool key_append(Key *key, const char *name, const char *value, Arena *arena, Failure *failure);

/* Sort the fields. The key is complete now. */
void key_seal(Key *key);

/* The hash of a sealed key's lines: the name under which caches and progress are kept. */
void key_hash(const Key *key, char hex[SHA256_HEX_BYTES]);

/* Whether two sealed keys are the same. */
bool key_equal(const Key *a, const Key *b);

#endif
