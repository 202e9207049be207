#include "common/rank/best_segments.h"
#include "common/rank/heap.h"

#define RELEASE_ROWS ((size_t)4096)         // rows after which read pages are given back
#define MOST_HEAP_BYTES ((size_t)512 << 20) // of the classes that are looked at together

/* A class: where its scores stand in a row, and the best of them. */
typedef struct ClassList {
    uint32_t class;
    size_t column;
    TopHeap best;
} ClassList;

/* Predictions with the order of their rows. */
typedef struct Rows {
    Predictions *predictions;
    uint32_t *ranks, *row_of; // [rows]: row to rank, and back
    uint32_t *list;           // [rows]: a class's best
    size_t top;
} Rows;

/* Find a class's column and make room for its segments. */
static bool open_list(ClassList *list, const Rows *rows, uint32_t class, Arena *arena,
                      Failure *failure)
{
    const Predictions *predictions = rows->predictions;
    size_t low = 0, high = predictions->classes;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (predictions->class[middle] < class)
            low = middle + 1;
        else
            high = middle;
    }
    if (low == predictions->classes || predictions->class[low] != class)
        return fail(failure, EX_DATAERR,
                    "%s: class %u was not predicted; give predictions with all of the contest's "
                    "classes",
                    predictions->path, class);
    *list = (ClassList){ .class = class, .column = low };
    return top_heap_open(&list->best, rows->top, arena, failure);
}

static bool offer_rows(const Rows *rows, ClassList *lists, size_t count, Failure *failure)
{
    Predictions *predictions = rows->predictions;
    for (size_t row = 0; row < predictions->rows; row++) {
        const float *scores = prediction_scores(predictions, row, failure);
        if (!scores)
            return false;
        for (size_t i = 0; i < count; i++)
            top_heap_offer(&lists[i].best, ranked(scores[lists[i].column], rows->ranks[row]));
        if (row % RELEASE_ROWS == 0)
            predictions_release(predictions, row);
    }
    return true;
}

/* Some classes together: one pass over the scores. */
static bool take_block(const Rows *rows, const uint32_t *classes, size_t count,
                       TakeBestSegments *take, void *context, Arena scratch, Failure *failure)
{
    ClassList *lists;
    if (!arena_array(&scratch, lists, count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        if (!open_list(&lists[i], rows, classes[i], &scratch, failure))
            return false;
    if (!offer_rows(rows, lists, count, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        const TopHeap *best = &lists[i].best;
        top_heap_sort(&lists[i].best);
        for (size_t j = 0; j < best->count; j++)
            rows->list[j] = rows->row_of[ranked_tie(best->items[j])];
        if (!take(context, lists[i].class, rows->list, best->count, failure))
            return false;
    }
    return true;
}

bool best_segments(Predictions *predictions, size_t top, const uint32_t *classes,
                   size_t class_count, TakeBestSegments *take, void *context, Arena scratch,
                   Failure *failure)
{
    size_t count = predictions->rows;
    Rows rows = { .predictions = predictions, .top = top < count ? top : count + !count };
    size_t block = MOST_HEAP_BYTES / (rows.top * sizeof(uint64_t)) + 1;
    if (!predictions_ranks(predictions, &rows.ranks, &scratch, failure)
        || !arena_array(&scratch, rows.row_of, count, failure)
        || !arena_array(&scratch, rows.list, count, failure))
        return false;
    for (size_t row = 0; row < count; row++)
        rows.row_of[rows.ranks[row]] = (uint32_t)row;
    for (size_t first = 0; first < class_count; first += block) {
        size_t left = class_count - first;
        if (!take_block(&rows, classes + first, left < block ? left : block, take, context, scratch,
                        failure))
            return false;
    }
    return true;
}
