#include "common/artifact/key.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 64

bool key_append(Key *key, const char *name, const char *value, Arena *arena, Failure *failure)
{
    if (key->count == key->capacity) {
        size_t capacity = key->capacity ? 2 * key->capacity : FIRST_CAPACITY;
        KeyField *fields;
        if (!arena_array(arena, fields, capacity, failure))
            return false;
        if (key->count)
            memcpy(fields, key->fields, key->count * sizeof *fields);
        key->fields = fields;
        key->capacity = capacity;
    }
    KeyField *field = &key->fields[key->count];
    field->name = arena_copy(arena, name, strlen(name), failure);
    field->value = arena_copy(arena, value, strlen(value), failure);
    key->count += field->name && field->value;
    return field->name && field->value;
}

bool key_add(Key *key, const char *name, const char *value, Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < key->count; i++)
        if (strcmp(key->fields[i].name, name) == 0)
            return fail(failure, EX_SOFTWARE, "the key has %s twice", name);
    return key_append(key, name, value, arena, failure);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const KeyField *)a)->name, ((const KeyField *)b)->name);
}

void key_seal(Key *key)
{
    if (key->count)
        qsort(key->fields, key->count, sizeof *key->fields, by_name);
}

void key_hash(const Key *key, char hex[SHA256_HEX_BYTES])
{
    Sha256 hash;
    sha256_begin(&hash);
    for (size_t i = 0; i < key->count; i++) {
        sha256_add(&hash, key->fields[i].name, strlen(key->fields[i].name));
        sha256_add(&hash, "=", 1);
        sha256_add(&hash, key->fields[i].value, strlen(key->fields[i].value));
        sha256_add(&hash, "\n", 1);
    }
    sha256_end(&hash, hex);
}

bool key_equal(const Key *a, const Key *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (strcmp(a->fields[i].name, b->fields[i].name) != 0
            || strcmp(a->fields[i].value, b->fields[i].value) != 0)
            return false;
    return true;
}
