/*
 * Text table: numbers texts 0, 1, 2, ... and finds the number of a text again.
 *
 * Made for ids: texts up to 16 bytes are hashed from two words, and a filter of 16 bits a text
 * keeps most texts that aren't there away from the table.
 */
#ifndef PODIUM_RANK_TEXT_TABLE_H
#define PODIUM_RANK_TEXT_TABLE_H

#include "common/base/arena.h"

#include <stdint.h>
#include <string.h>

#define TEXT_NONE UINT32_MAX

typedef struct TextEntry {
    const char *text; // borrowed
    uint32_t length;
} TextEntry;

/* A text as the table compares it: two little-endian words with zeros behind a short text. */
typedef struct TextKey {
    const char *text;
    size_t length;
    uint64_t words[2]; // of more than 16 bytes: the hash and 0
    uint64_t hash;
} TextKey;

typedef struct TextSlot {
    uint64_t words[2];
    uint32_t length; // at most UINT32_MAX, as in the entry
    uint32_t number; // from 1; 0: free
} TextSlot;

typedef struct TextTable {
    TextEntry *entries; // by number
    size_t count, capacity;
    TextSlot *slots; // [mask + 1]
    uint64_t mask;
    uint64_t *filter; // bit by the hash's upper bits
    unsigned filter_shift;
} TextTable;

/* A table for at most `capacity` texts, in the arena. EX_DATAERR: more than UINT32_MAX / 2. */
bool text_table_open(TextTable *table, size_t capacity, Arena *arena, Failure *failure);

/* The hash of two words. */
static inline uint64_t text_hash_words(uint64_t first, uint64_t second, uint64_t seed)
{
    __uint128_t product =
        (__uint128_t)(first ^ 0x9e3779b97f4a7c15u ^ seed) * (second ^ 0xd6e8feb86659fd93u);
    return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The key of a text, which it borrows. */
TextKey text_key(const char *text, size_t length);

/* Whether a text of this hash may be in the table; false is certain. */
static inline bool text_table_may_have(const TextTable *table, uint64_t hash)
{
    uint64_t bit = hash >> table->filter_shift;
    return table->filter[bit / 64] >> (bit % 64) & 1;
}

/* Bring what text_table_find_key reads first into the cache. */
static inline void text_table_prefetch(const TextTable *table, uint64_t hash)
{
    __builtin_prefetch(&table->slots[hash >> 20 & table->mask]);
}

/* The number of a text by its key, or TEXT_NONE. */
uint32_t text_table_find_key(const TextTable *table, const TextKey *key);

/* The number of a text, or TEXT_NONE. */
uint32_t text_table_find(const TextTable *table, const char *text, size_t length);

/*
 * The number of a text, which is entered where it is new; it is borrowed for the table's life.
 * The caller sees by table->count whether it was new, and never enters more than the capacity.
 */
uint32_t text_table_enter(TextTable *table, const char *text, size_t length);

/* The numbers of all entered texts in the order of their bytes: ranks[number], in the arena. */
bool text_table_ranks(const TextTable *table, uint32_t **ranks, Arena *arena, Failure *failure);

/* The order of two texts by their bytes, a shorter one before its continuations. */
static inline int text_compare(const char *a, size_t a_length, const char *b, size_t b_length)
{
    int order = memcmp(a, b, a_length < b_length ? a_length : b_length);
    return order ? order : (a_length > b_length) - (a_length < b_length);
}

#endif
