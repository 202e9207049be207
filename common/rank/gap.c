#include "common/rank/gap.h"
#include "common/rank/average_precision.h"
#include "common/rank/heap.h"

#include <stdlib.h>

#define CHUNK ((size_t)4096) // entries by which the list grows; a multiple of the arena's alignment

bool gap_open(Gap *gap, const VideoTruth *truth, size_t top, uint32_t classes, Arena *arena,
              Failure *failure)
{
    *gap = (Gap){ .truth = truth, .top = top, .classes = classes };
    return arena_array(arena, gap->videos, truth->videos, failure)
        && arena_open(&gap->list, ARENA_LARGE, failure)
        && arena_open(&gap->sorted, ARENA_LARGE, failure);
}

void gap_close(Gap *gap)
{
    arena_close(&gap->list);
    arena_close(&gap->sorted);
    *gap = (Gap){ 0 };
}

static int best_first(const void *a, const void *b)
{
    const ScoredClass *x = a, *y = b;
    int order = (y->score > x->score) - (y->score < x->score);
    return order ? order : (x->class > y->class) - (x->class < y->class);
}

/* A pair with its place in the row, for finding repeats without comparing all with all. */
static int by_class_then_place(const void *a, const void *b)
{
    const ScoredClass *const *x = a, *const *y = b;
    int order = ((*x)->class > (*y)->class) - ((*x)->class < (*y)->class);
    return order ? order : (*x > *y) - (*x < *y);
}

static bool is_known(const Gap *gap, uint32_t class)
{
    return class < gap->classes
        || (class < gap->truth->classes && gap->truth->class_positive[class] > 0);
}

/* Drop repeats but the first, and classes that don't exist; returns how many pairs are left. */
static bool drop(Gap *gap, ScoredClass *pairs, size_t *count, Failure *failure)
{
    size_t kept = 0, total = *count;
    ScoredClass **order = malloc((total + 1) * sizeof *order);
    bool *repeated = calloc(total + 1, sizeof *repeated);
    bool ok = order && repeated;
    for (size_t i = 0; ok && i < total; i++)
        order[i] = &pairs[i];
    if (ok)
        qsort(order, total, sizeof *order, by_class_then_place);
    for (size_t i = 1; ok && i < total; i++)
        repeated[order[i] - pairs] = order[i]->class == order[i - 1]->class;
    for (size_t i = 0; ok && i < total; i++) {
        bool known = is_known(gap, pairs[i].class);
        gap->ignored.unknown_classes += !known;
        gap->ignored.repeated_entries += known && repeated[i];
        if (known && !repeated[i])
            pairs[kept++] = pairs[i];
    }
    free(order);
    free(repeated);
    *count = kept;
    return ok || fail(failure, EX_OSERR, "out of memory for %zu pairs", total);
}

static bool append(Gap *gap, ListEntry entry, Failure *failure)
{
    if (gap->count % CHUNK == 0) {
        ListEntry *chunk = gap->count ? arena_extend(&gap->list, CHUNK, sizeof *chunk, failure)
                                      : arena_allocate(&gap->list, CHUNK, sizeof *chunk, failure);
        if (!chunk)
            return false;
        gap->entries = gap->count == 0 ? chunk : gap->entries;
    }
    gap->entries[gap->count++] = entry;
    return true;
}

bool gap_add(Gap *gap, const char *id, size_t id_length, ScoredClass *pairs, size_t count,
             Failure *failure)
{
    uint32_t video = video_truth_find(gap->truth, id, id_length);
    if (video == TEXT_NONE || gap->videos[video].seen) {
        gap->ignored.unknown_ids += video == TEXT_NONE;
        gap->ignored.repeated_rows += video != TEXT_NONE;
        return true;
    }
    VideoState *state = &gap->videos[video];
    uint64_t labels = gap->truth->label_first[video + 1] - gap->truth->label_first[video];
    uint64_t found = 0;
    if (!gap->dense && count > gap->top) {
        gap->ignored.beyond += count - gap->top;
        count = gap->top;
    }
    if (!drop(gap, pairs, &count, failure))
        return false;
    if (count > 0)
        qsort(pairs, count, sizeof *pairs, best_first);
    size_t listed = count < gap->top ? count : gap->top;
    *state = (VideoState){ .first = gap->count, .count = (uint32_t)listed, .seen = true };
    for (size_t i = 0; i < count; i++) {
        bool positive = video_truth_has(gap->truth, video, pairs[i].class);
        found += positive && i < labels && pairs[i].score > 0;
        state->hit |= positive && i == 0;
        ListEntry entry = { ~order_of_double(pairs[i].score), pairs[i].class, positive };
        if (i < listed && !append(gap, entry, failure))
            return false;
    }
    state->perr = labels ? (double)found / (double)labels : 0;
    return true;
}

/* The entries in the order of the videos, and of the classes within one. */
static int by_class(const void *a, const void *b)
{
    const ListEntry *x = a, *y = b;
    return (x->class > y->class) - (x->class < y->class);
}

static bool gather(Gap *gap, ListEntry **gathered, Failure *failure)
{
    size_t at = 0;
    if (!arena_array(&gap->sorted, *gathered, gap->count, failure))
        return false;
    for (size_t video = 0; video < gap->truth->videos; video++) {
        const VideoState *state = &gap->videos[video];
        if (state->count == 0)
            continue;
        memcpy(*gathered + at, gap->entries + state->first, state->count * sizeof **gathered);
        qsort(*gathered + at, state->count, sizeof **gathered, by_class);
        at += state->count;
    }
    return true;
}

static void average_videos(const Gap *gap, GapResult *result)
{
    uint64_t hits = 0;
    double perr = 0;
    for (size_t video = 0; video < gap->truth->videos; video++) {
        hits += gap->videos[video].hit;
        perr += gap->videos[video].perr;
    }
    if (result->videos) {
        result->hit_at_1 = (double)hits / (double)result->videos;
        result->perr = perr / (double)result->videos;
    }
}

/* One pass over the sorted list: GAP over all of it, AP for each class. */
static void rank_list(const Gap *gap, const ListEntry *entries, AveragePrecision *classes,
                      GapResult *result)
{
    AveragePrecision all = { 0 };
    for (size_t i = 0; i < gap->count; i++) {
        average_precision_add(&all, entries[i].positive);
        if (entries[i].class < gap->truth->classes)
            average_precision_add(&classes[entries[i].class], entries[i].positive);
    }
    result->gap = average_precision_value(&all, result->positives);
}

bool gap_finish(Gap *gap, GapResult *result, double *class_precision, Arena scratch,
                Failure *failure)
{
    const VideoTruth *truth = gap->truth;
    AveragePrecision *classes;
    ListEntry *entries = NULL;
    double sum = 0;
    *result =
        (GapResult){ .videos = truth->videos, .positives = truth->label_first[truth->videos] };
    if (!arena_array(&scratch, classes, truth->classes, failure) || !gather(gap, &entries, failure))
        return false;
    for (size_t video = 0; video < truth->videos; video++)
        gap->ignored.missing += !gap->videos[video].seen;
    average_videos(gap, result);
    rank_list(gap, radix_sort_entries(entries, gap->entries, gap->count), classes, result);
    for (uint32_t class = 0; class < truth->classes; class ++) {
        double value = average_precision_value(&classes[class], truth->class_positive[class]);
        if (class_precision)
            class_precision[class] = value;
        result->classes += truth->class_positive[class] > 0;
        sum += value;
    }
    result->map = result->classes ? sum / (double)result->classes : 0;
    return true;
}

bool gap_read_csv(Gap *gap, const char *path, Failure *failure)
{
    CsvReader csv;
    VideoRow row = { 0 };
    bool ok = csv_open(&csv, path, SUBMISSION_2018_HEADER, failure);
    while (ok && video_row_next(&row, &csv, failure))
        ok = gap_add(gap, row.id, row.id_length, row.pairs, row.count, failure);
    video_row_free(&row);
    csv_close(&csv);
    return ok && failure->code == EX_OK;
}

/* The most labels that a video has: PERR looks as far down. */
static size_t most_labels(const VideoTruth *truth)
{
    uint64_t most = 0;
    for (size_t video = 0; video < truth->videos; video++) {
        uint64_t labels = truth->label_first[video + 1] - truth->label_first[video];
        most = labels > most ? labels : most;
    }
    return (size_t)most;
}

/* Enter the best classes of a row. */
static bool add_row(Gap *gap, const Predictions *predictions, size_t row, TopHeap *best,
                    ScoredClass *pairs, Failure *failure)
{
    const float *scores = prediction_scores(predictions, row, failure);
    if (!scores)
        return false;
    if (predictions->start[row] != PREDICTIONS_WHOLE_VIDEO)
        return fail(failure, EX_DATAERR, "%s: row %zu is a segment; GAP is of whole videos",
                    predictions->path, row);
    top_heap_clear(best);
    for (size_t i = 0; i < predictions->classes; i++)
        top_heap_offer(best, ranked(scores[i], (uint32_t)i));
    for (size_t i = 0; i < best->count; i++)
        pairs[i] = (ScoredClass){ (double)ranked_score(best->items[i]),
                                  predictions->class[ranked_tie(best->items[i])] };
    return gap_add(gap, prediction_id(predictions, row), prediction_id_length(predictions, row),
                   pairs, best->count, failure);
}

bool gap_read_predictions(Gap *gap, Predictions *predictions, Arena scratch, Failure *failure)
{
    enum { RELEASE_ROWS = 4096 };
    size_t depth = most_labels(gap->truth);
    TopHeap best;
    ScoredClass *pairs;
    depth = depth > gap->top ? depth : gap->top;
    depth = depth < predictions->classes ? depth : predictions->classes;
    gap->dense = true;
    if (depth == 0)
        return true;
    if (!top_heap_open(&best, depth, &scratch, failure)
        || !arena_array(&scratch, pairs, depth, failure))
        return false;
    for (size_t row = 0; row < predictions->rows; row++) {
        if (!add_row(gap, predictions, row, &best, pairs, failure))
            return false;
        if (row % RELEASE_ROWS == 0)
            predictions_release(predictions, row);
    }
    return true;
}
