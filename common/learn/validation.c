#include "common/learn/validation.h"
#include "common/base/parallel.h"
#include "common/learn/interrupts.h"
#include "common/rank/average_precision.h"

#include <math.h>
#include <stdlib.h>

bool validation_create(Validation *validation, const Graph *g, Feed feed, Tensor probabilities,
                       const Parameters *parameters, const LoaderSettings *loader, Arena *arena,
                       Failure *failure)
{
    Validation *v = validation;
    size_t axes[FEED_MOST_AXES];
    *v = (Validation){ .feed = feed,
                       .probabilities = probabilities,
                       .loader = *loader,
                       .classes = width_of(probabilities),
                       .arena = arena };
    v->entries = loader_size(loader) * VALIDATION_TOP;
    feed_bounds(&feed, loader_bounds(loader), axes);
    if (v->entries == 0)
        return fail(failure, EX_DATAERR, "%s: no videos to validate on",
                    loader->sources[0].index->path);
    if (!arena_array(arena, v->heaps, loader->batch, failure)
        || !arena_array(arena, v->list, v->entries, failure)
        || !arena_array(arena, v->positive, v->entries, failure)
        || !arena_array(arena, v->ranking, v->entries, failure))
        return false;
    for (size_t i = 0; i < loader->batch; i++)
        if (!top_heap_open(&v->heaps[i], VALIDATION_TOP, arena, failure))
            return false;
    v->plan = plan_create(g, parameters->device, axes, (Tensor[]){ probabilities }, 1, false, arena,
                          failure);
    if (v->plan)
        plan_bind_parameters(v->plan, parameters->value, NULL);
    return v->plan != NULL;
}

void validation_destroy(Validation *validation)
{
    plan_destroy(validation->plan);
    validation->plan = NULL;
}

typedef struct Pick {
    Validation *validation;
    const real *scores; // [rows, classes]
} Pick;

/* The best classes of each row. A NaN would be lost in comparisons: it empties the row's heap. */
static void pick_rows(void *context, size_t begin, size_t end)
{
    const Pick *pick = context;
    size_t classes = pick->validation->classes;
    for (size_t row = begin; row < end; row++) {
        TopHeap *heap = &pick->validation->heaps[row];
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

/* Append a batch's best entries to the list; `count` entries are there already. */
static bool gather(Validation *v, const Batch *batch, size_t *count, Failure *failure)
{
    for (size_t row = 0; row < batch->count; row++) {
        const TopHeap *heap = &v->heaps[row];
        if (heap->count == 0)
            return fail(failure, EX_DATAERR, "validation: a probability is not a number");
        for (size_t i = 0; i < heap->count; i++, ++*count) {
            v->positive[*count] = has_label(batch, row, ranked_tie(heap->items[i]));
            v->list[*count] = ranked(ranked_score(heap->items[i]), (uint32_t)*count);
        }
    }
    for (size_t i = 0; i < batch->label_first[batch->count]; i++)
        v->positives += batch->label_score[i] > 0;
    return true;
}

static bool score_batch(Validation *v, const Batch *batch, size_t *count, Failure *failure)
{
    if (!feed_bind(&v->feed, v->plan, batch, failure))
        return false;
    plan_run(v->plan, &(PlanRun){ 0 });
    Pick pick = { v, plan_output(v->plan, v->probabilities) };
    if (!plan_check(v->plan, failure))
        return false;
    parallel_for(batch->count, 1, pick_rows, &pick);
    return gather(v, batch, count, failure);
}

static int descending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

bool validation_run(void *validation, double *gap, Failure *failure)
{
    Validation *v = validation;
    Arena scratch = *v->arena;
    Loader *loader = NULL;
    const Batch *batch;
    size_t count = 0;
    bool ok = loader_create(&loader, &v->loader, &scratch, failure);
    v->positives = 0;
    while (ok && loader_next(loader, &batch, failure)) {
        ok = score_batch(v, batch, &count, failure)
            && (!interrupts_came() || fail(failure, EX_TEMPFAIL, "stopped by a signal"));
        loader_release(loader);
    }
    loader_close(loader);
    if (!ok || failure->code != EX_OK)
        return false;
    qsort(v->list, count, sizeof *v->list, descending);
    for (size_t i = 0; i < count; i++)
        v->ranking[i] = v->positive[ranked_tie(v->list[i])];
    *gap = average_precision_of_ranking(v->ranking, count, RANKS_ALL, v->positives);
    return true;
}
