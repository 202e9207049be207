#include "common/rank/text_table.h"

#include <assert.h>
#include <stdlib.h>
#include <sys/mman.h>

#define LARGE_PAGE ((uintptr_t)1 << 21)

/* Look-ups jump about the table: with small pages each would miss the page table's cache too. */
static void prefer_large_pages(const Arena *arena, size_t size)
{
    uintptr_t first = ((uintptr_t)arena->next + LARGE_PAGE - 1) & -LARGE_PAGE;
    uintptr_t last = ((uintptr_t)arena->next + size) & -LARGE_PAGE;
    if (last > first && last <= (uintptr_t)arena->end)
        madvise((void *)first, last - first, MADV_HUGEPAGE); // a wish: where refused, only slower
}

bool text_table_open(TextTable *table, size_t capacity, Arena *arena, Failure *failure)
{
    *table = (TextTable){ .capacity = capacity };
    if (capacity >= UINT32_MAX / 2)
        return fail(failure, EX_DATAERR, "%zu ids are too many; split the file", capacity);
    size_t slots = 64, bits = 1024;
    unsigned shift = 54; // 64 - log2(bits)
    while (slots < 2 * capacity)
        slots *= 2;
    for (; bits < 16 * capacity; bits *= 2)
        shift--;
    table->mask = slots - 1;
    table->filter_shift = shift;
    prefer_large_pages(arena, slots * sizeof *table->slots + bits / 8);
    return arena_array(arena, table->slots, slots, failure)
        && arena_array(arena, table->filter, bits / 64, failure)
        && arena_array(arena, table->entries, capacity, failure);
}

TextKey text_key(const char *text, size_t length)
{
    TextKey key = { .text = text, .length = length, .hash = length };
    size_t left = length;
    do {
        size_t part = left < sizeof key.words ? left : sizeof key.words;
        key.words[0] = key.words[1] = 0;
        memcpy(key.words, text, part);
        key.hash = text_hash_words(key.words[0], key.words[1], key.hash);
        text += part;
        left -= part;
    } while (left);
    if (length > sizeof key.words) {
        key.words[0] = key.hash;
        key.words[1] = 0;
    }
    return key;
}

/* The slot of a text, or the free one where it belongs. */
static TextSlot *slot_of(const TextTable *table, const TextKey *key)
{
    for (uint64_t at = key->hash >> 20;; at++) {
        TextSlot *slot = &table->slots[at & table->mask];
        if (slot->number == 0
            || (slot->words[0] == key->words[0] && slot->words[1] == key->words[1]
                && slot->length == key->length
                && (key->length <= sizeof key->words
                    || memcmp(table->entries[slot->number - 1].text, key->text, key->length) == 0)))
            return slot;
    }
}

uint32_t text_table_find_key(const TextTable *table, const TextKey *key)
{
    return slot_of(table, key)->number - 1; // free: 0 - 1 is TEXT_NONE
}

uint32_t text_table_find(const TextTable *table, const char *text, size_t length)
{
    TextKey key = text_key(text, length);
    return text_table_find_key(table, &key);
}

uint32_t text_table_enter(TextTable *table, const char *text, size_t length)
{
    TextKey key = text_key(text, length);
    uint64_t bit = key.hash >> table->filter_shift;
    TextSlot *slot = slot_of(table, &key);
    if (slot->number == 0) {
        assert(table->count < table->capacity && length <= UINT32_MAX);
        table->entries[table->count] = (TextEntry){ text, (uint32_t)length };
        *slot = (TextSlot){ { key.words[0], key.words[1] },
                            (uint32_t)length,
                            (uint32_t)++table->count };
        table->filter[bit / 64] |= (uint64_t)1 << (bit % 64);
    }
    return slot->number - 1;
}

static int by_text(const void *a, const void *b)
{
    const TextEntry *x = *(const TextEntry *const *)a, *y = *(const TextEntry *const *)b;
    return text_compare(x->text, x->length, y->text, y->length);
}

bool text_table_ranks(const TextTable *table, uint32_t **ranks, Arena *arena, Failure *failure)
{
    const TextEntry **order = malloc((table->count + 1) * sizeof *order);
    if (!order)
        return fail(failure, EX_OSERR, "out of memory for %zu ids", table->count);
    bool ok = arena_array(arena, *ranks, table->count, failure);
    for (size_t i = 0; i < table->count; i++)
        order[i] = &table->entries[i];
    qsort(order, table->count, sizeof *order, by_text);
    for (size_t i = 0; ok && i < table->count; i++)
        (*ranks)[order[i] - table->entries] = (uint32_t)i;
    free(order);
    return ok;
}
