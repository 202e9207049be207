#include "common/rank/contest_csv.h"
#include "common/rank/best_segments.h"
#include "common/rank/heap.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define RELEASE_ROWS ((size_t)4096) // rows after which read pages are given back
#define WORD_BYTES ((size_t)96)     // an id of 64 bytes and a number

/* An id with a comma, a quote or a blank would be read back as something else. */
static bool check_row(const Predictions *predictions, size_t row, bool segment, Failure *failure)
{
    const char *id = prediction_id(predictions, row);
    size_t length = prediction_id_length(predictions, row);
    if (length > 64)
        return fail(failure, EX_DATAERR, "%s: row %zu: an id of %zu bytes; shorten it",
                    predictions->path, row, length);
    for (size_t i = 0; i < length; i++)
        if ((unsigned char)id[i] <= ' ' || id[i] == ',' || id[i] == '"' || id[i] == 0x7f)
            return fail(failure, EX_DATAERR,
                        "%s: row %zu: an id with byte 0x%02x can't stand in CSV; rename it",
                        predictions->path, row, (unsigned char)id[i]);
    if ((predictions->start[row] >= 0) != segment)
        return fail(failure, EX_DATAERR, "%s: row %zu is a %s; give --contest %s",
                    predictions->path, row, segment ? "whole video" : "segment",
                    segment ? "2018" : "2019");
    return true;
}

static bool check_rows(const Predictions *predictions, bool segments, Failure *failure)
{
    for (size_t row = 0; row < predictions->rows; row++)
        if (!check_row(predictions, row, segments, failure))
            return false;
    return true;
}

static bool write_video(const Predictions *predictions, size_t row, const TopHeap *best,
                        AtomicFile *file, Failure *failure)
{
    char word[WORD_BYTES];
    int length = snprintf(word, sizeof word, "%.*s,", (int)prediction_id_length(predictions, row),
                          prediction_id(predictions, row));
    if (!atomic_file_write(file, word, (size_t)length, failure))
        return false;
    for (size_t i = 0; i < best->count; i++) {
        float score = ranked_score(best->items[i]);
        uint32_t class = predictions->class[ranked_tie(best->items[i])];
        if (isinf(score))
            return fail(failure, EX_DATAERR, "%s: row %zu: an infinite score for class %u",
                        predictions->path, row, class);
        length = snprintf(word, sizeof word, "%s%u %g", i ? " " : "", class, (double)score);
        if (!atomic_file_write(file, word, (size_t)length, failure))
            return false;
    }
    return atomic_file_write(file, "\n", 1, failure);
}

bool contest_write_videos(Predictions *predictions, size_t top, AtomicFile *file, Arena scratch,
                          Failure *failure)
{
    TopHeap best;
    uint32_t *ranks;
    size_t classes = predictions->classes;
    if (!check_rows(predictions, false, failure)
        || !predictions_ranks(predictions, &ranks, &scratch, failure) // nothing is there twice
        || !top_heap_open(&best, top < classes ? top : classes + !classes, &scratch, failure)
        || !atomic_file_print(file, failure, "VideoId,LabelConfidencePairs\n"))
        return false;
    for (size_t row = 0; row < predictions->rows; row++) {
        const float *scores = prediction_scores(predictions, row, failure);
        if (!scores)
            return false;
        top_heap_clear(&best);
        for (size_t i = 0; i < classes; i++)
            top_heap_offer(&best, ranked(scores[i], (uint32_t)i));
        top_heap_sort(&best);
        if (!write_video(predictions, row, &best, file, failure))
            return false;
        if (row % RELEASE_ROWS == 0)
            predictions_release(predictions, row);
    }
    return true;
}

/* A submission being written. */
typedef struct Writing {
    const Predictions *predictions;
    AtomicFile *file;
} Writing;

static bool write_list(void *context, uint32_t class, const uint32_t *rows, size_t count,
                       Failure *failure)
{
    char word[WORD_BYTES];
    const Writing *writing = context;
    const Predictions *predictions = writing->predictions;
    if (!atomic_file_print(writing->file, failure, "%u,", class))
        return false;
    for (size_t i = 0; i < count; i++) {
        int length = snprintf(word, sizeof word, "%s%.*s:%d", i ? " " : "",
                              (int)prediction_id_length(predictions, rows[i]),
                              prediction_id(predictions, rows[i]), predictions->start[rows[i]]);
        if (!atomic_file_write(writing->file, word, (size_t)length, failure))
            return false;
    }
    return atomic_file_write(writing->file, "\n", 1, failure);
}

bool contest_write_segments(Predictions *predictions, size_t top, const uint32_t *classes,
                            size_t class_count, AtomicFile *file, Arena scratch, Failure *failure)
{
    Writing writing = { predictions, file };
    if (!classes) {
        classes = predictions->class;
        class_count = predictions->classes;
    }
    return check_rows(predictions, true, failure)
        && atomic_file_print(file, failure, "Class,Segments\n")
        && best_segments(predictions, top, classes, class_count, write_list, &writing, scratch,
                         failure);
}
