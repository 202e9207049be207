#include "common/learn/validation_gap.h"
#include "common/base/parallel.h"
#include "common/rank/average_precision.h"

#include <math.h>
#include <stdlib.h>

bool validation_gap_create(ValidationGap *gap, const LoaderSettings *loader, size_t classes,
                           Arena *arena, Failure *failure)
{
    size_t entries = loader_size(loader) * VALIDATION_TOP;
    *gap = (ValidationGap){ .classes = classes };
    if (!arena_array(arena, gap->heaps, loader->batch, failure)
        || !arena_array(arena, gap->list, entries, failure)
        || !arena_array(arena, gap->positive, entries, failure)
        || !arena_array(arena, gap->ranking, entries, failure))
        return false;
    for (size_t i = 0; i < loader->batch; i++)
        if (!top_heap_open(&gap->heaps[i], VALIDATION_TOP, arena, failure))
            return false;
    return true;
}

void validation_gap_begin(ValidationGap *gap)
{
    gap->count = 0;
    gap->positives = 0;
}

typedef struct Pick {
    ValidationGap *gap;
    const real *scores; // [rows, classes]
} Pick;

/* The best classes of each row. A NaN would be lost in comparisons: it empties the row's heap. */
static void pick_rows(void *context, size_t begin, size_t end)
{
    const Pick *pick = context;
    size_t classes = pick->gap->classes;
    for (size_t row = begin; row < end; row++) {
        TopHeap *heap = &pick->gap->heaps[row];
        const real *scores = pick->scores + row * classes;
        real sum = 0;
        top_heap_clear(heap);
        for (size_t class = 0; class < classes; class ++) {
            sum += scores[class];
            top_heap_offer(heap, ranked((float)scores[class], (uint32_t) class));
        }
        top_heap_sort(heap);
        if (!isfinite(sum))
            top_heap_clear(heap);
    }
}

static bool has_label(const Batch *batch, size_t row, uint32_t class)
{
    for (size_t i = batch->label_first[row]; i < batch->label_first[row + 1]; i++)
        if (batch->label_class[i] == class && batch->label_score[i] > 0)
            return true;
    return false;
}

bool validation_gap_add(ValidationGap *gap, const Batch *batch, const real *probabilities,
                        Failure *failure)
{
    Pick pick = { gap, probabilities };
    parallel_for(batch->count, 1, pick_rows, &pick);
    for (size_t row = 0; row < batch->count; row++) {
        const TopHeap *heap = &gap->heaps[row];
        if (heap->count == 0)
            return fail(failure, EX_DATAERR, "validation: a probability is not a number");
        for (size_t i = 0; i < heap->count; i++, gap->count++) {
            gap->positive[gap->count] = has_label(batch, row, ranked_tie(heap->items[i]));
            gap->list[gap->count] = ranked(ranked_score(heap->items[i]), (uint32_t)gap->count);
        }
    }
    for (size_t i = 0; i < batch->label_first[batch->count]; i++)
        gap->positives += batch->label_score[i] > 0;
    return true;
}

static int descending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

double validation_gap_value(ValidationGap *gap)
{
    qsort(gap->list, gap->count, sizeof *gap->list, descending);
    for (size_t i = 0; i < gap->count; i++)
        gap->ranking[i] = gap->positive[ranked_tie(gap->list[i])];
    return average_precision_of_ranking(gap->ranking, gap->count, RANKS_ALL, gap->positives);
}
