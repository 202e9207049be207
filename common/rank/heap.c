#include "common/rank/heap.h"

bool top_heap_open(TopHeap *heap, size_t capacity, Arena *arena, Failure *failure)
{
    *heap = (TopHeap){ .capacity = capacity };
    return (capacity > 0 || fail(failure, EX_SOFTWARE, "a heap of no items"))
        && arena_array(arena, heap->items, capacity, failure);
}

void top_heap_grow(TopHeap *heap, uint64_t item)
{
    size_t at = heap->count++;
    for (size_t above; at > 0 && heap->items[above = (at - 1) / 2] > item; at = above)
        heap->items[at] = heap->items[above];
    heap->items[at] = item;
}

/* Sink `item` from `at` in a heap of `count` items, the smallest first. */
static void sink(uint64_t *items, size_t count, size_t at, uint64_t item)
{
    for (size_t below; (below = 2 * at + 1) < count; at = below) {
        below += below + 1 < count && items[below + 1] < items[below];
        if (items[below] >= item)
            break;
        items[at] = items[below];
    }
    items[at] = item;
}

void top_heap_replace(TopHeap *heap, uint64_t item)
{
    sink(heap->items, heap->count, 0, item);
}

void top_heap_sort(TopHeap *heap)
{
    for (size_t left = heap->count; left > 1; left--) {
        uint64_t last = heap->items[left - 1];
        heap->items[left - 1] = heap->items[0];
        sink(heap->items, left - 1, 0, last);
    }
}
