/*
 * Top heap: keeps the best `capacity` of the ranked numbers that it is offered.
 *
 * What it keeps does not depend on the order of the offers: see ranked.h.
 */
#ifndef PODIUM_RANK_HEAP_H
#define PODIUM_RANK_HEAP_H

#include "common/base/arena.h"
#include "common/rank/ranked.h"

typedef struct TopHeap {
    uint64_t *items; // [capacity]; the worst of the kept ones first while offers come
    size_t count, capacity;
} TopHeap;

/* An empty heap in the arena, of at least one item. */
bool top_heap_open(TopHeap *heap, size_t capacity, Arena *arena, Failure *failure);

/* Take an item in, if it is among the best so far. Cost: a comparison where it isn't. */
static inline void top_heap_offer(TopHeap *heap, uint64_t item);

/* Sort the kept items, best first. No offers after it, until top_heap_clear. */
void top_heap_sort(TopHeap *heap);

static inline void top_heap_clear(TopHeap *heap)
{
    heap->count = 0;
}

/* Parts of top_heap_offer that aren't taken often. */
void top_heap_grow(TopHeap *heap, uint64_t item);
void top_heap_replace(TopHeap *heap, uint64_t item);

static inline void top_heap_offer(TopHeap *heap, uint64_t item)
{
    if (heap->count < heap->capacity)
        top_heap_grow(heap, item);
    else if (item > heap->items[0])
        top_heap_replace(heap, item);
}

#endif
