#include "common/rank/predictions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define PAGE_BYTES ((uintptr_t)4096)

/* The tensors, with sizes that agree. */
static bool take_tensors(Predictions *predictions, Failure *failure)
{
    const SafetensorsReader *file = &predictions->file;
    const StoredTensor *scores = safetensors_find(file, "scores");
    const StoredTensor *ids = safetensors_find(file, "ids");
    const char *kind = safetensors_metadata(file, "kind");
    if (!kind || strcmp(kind, "predictions") != 0 || !scores || scores->axes != 2 || !ids
        || ids->axes != 2)
        return fail(failure, EX_DATAERR, "%s: not a prediction file; give one that predict wrote",
                    predictions->path);
    predictions->rows = scores->shape[0];
    predictions->classes = scores->shape[1];
    predictions->id_bytes = ids->shape[1];
    if (ids->shape[0] != predictions->rows || predictions->rows > UINT32_MAX / 2)
        return fail(failure, EX_DATAERR, "%s: %llu ids for %zu rows; write the file again",
                    predictions->path, (unsigned long long)ids->shape[0], predictions->rows);
    return (predictions->class =
                safetensors_array(file, "classes", STORED_U32, predictions->classes, failure))
        && (predictions->start =
                safetensors_array(file, "starts", STORED_I32, predictions->rows, failure))
        && (predictions->id = safetensors_array(file, "ids", STORED_U8, ids->count, failure))
        && (predictions->scores =
                safetensors_array(file, "scores", STORED_F32, scores->count, failure));
}

static bool check_tables(const Predictions *predictions, Failure *failure)
{
    for (size_t i = 1; i < predictions->classes; i++)
        if (predictions->class[i] <= predictions->class[i - 1])
            return fail(failure, EX_DATAERR, "%s: class %u after class %u; sort the classes",
                        predictions->path, predictions->class[i], predictions -> class[i - 1]);
    for (size_t row = 0; row < predictions->rows; row++)
        if (predictions->id_bytes == 0 || *prediction_id(predictions, row) == 0
            || predictions->start[row] < PREDICTIONS_WHOLE_VIDEO)
            return fail(failure, EX_DATAERR,
                        "%s: row %zu has no id, or starts before its video; predict again",
                        predictions->path, row);
    return true;
}

bool predictions_open(Predictions *predictions, const char *path, Arena *arena, Failure *failure)
{
    *predictions = (Predictions){ .path = path };
    return safetensors_open(&predictions->file, path, arena, failure)
        && take_tensors(predictions, failure) && check_tables(predictions, failure);
}

void predictions_close(Predictions *predictions)
{
    safetensors_close(&predictions->file);
    *predictions = (Predictions){ 0 };
}

size_t prediction_id_length(const Predictions *predictions, size_t row)
{
    return strnlen(prediction_id(predictions, row), predictions->id_bytes);
}

const float *prediction_scores(const Predictions *predictions, size_t row, Failure *failure)
{
    const float *scores = predictions->scores + row * predictions->classes;
    for (size_t i = 0; i < predictions->classes; i++)
        if (isnan(scores[i])) {
            fail(failure, EX_DATAERR,
                 "%s: the score of %.*s (start %d) for class %u is not a number; predict again",
                 predictions->path, (int)prediction_id_length(predictions, row),
                 prediction_id(predictions, row), predictions->start[row], predictions->class[i]);
            return NULL;
        }
    return scores;
}

void predictions_release(Predictions *predictions, size_t row)
{
    uintptr_t first = ((uintptr_t)predictions->scores + PAGE_BYTES - 1) & -PAGE_BYTES;
    uintptr_t last = (uintptr_t)(predictions->scores + row * predictions->classes) & -PAGE_BYTES;
    uintptr_t mapped = (uintptr_t)predictions->file.file.bytes;
    bool inside = first >= mapped && last <= mapped + predictions->file.file.size;
    if (inside && last > first) // scores that weren't aligned are a copy, which stays
        madvise((void *)first, last - first, MADV_DONTNEED);
}

/* A row to be sorted; its table is at hand through the pointer. */
typedef struct Row {
    const Predictions *predictions;
    uint32_t row;
} Row;

static int by_id_then_start(const void *a, const void *b)
{
    const Row *x = a, *y = b;
    const Predictions *p = x->predictions;
    int order = memcmp(prediction_id(p, x->row), prediction_id(p, y->row), p->id_bytes);
    int32_t s = p->start[x->row], t = p->start[y->row];
    return order ? order : (s > t) - (s < t);
}

bool predictions_ranks(const Predictions *predictions, uint32_t **ranks, Arena *arena,
                       Failure *failure)
{
    size_t rows = predictions->rows;
    Row *order = malloc((rows + 1) * sizeof *order);
    bool ok = order || fail(failure, EX_OSERR, "out of memory for %zu rows", rows);
    ok = ok && arena_array(arena, *ranks, rows, failure);
    for (size_t i = 0; ok && i < rows; i++)
        order[i] = (Row){ predictions, (uint32_t)i };
    if (ok)
        qsort(order, rows, sizeof *order, by_id_then_start);
    for (size_t i = 0; ok && i < rows; i++) {
        (*ranks)[order[i].row] = (uint32_t)i;
        if (i > 0 && by_id_then_start(&order[i - 1], &order[i]) == 0)
            ok = fail(failure, EX_DATAERR, "%s: %.*s (start %d) is there twice; predict again",
                      predictions->path, (int)prediction_id_length(predictions, order[i].row),
                      prediction_id(predictions, order[i].row), predictions->start[order[i].row]);
    }
    free(order);
    return ok;
}

bool predictions_start(SafetensorsWriter *writer, const Predictions *like, AtomicFile *file,
                       Failure *failure)
{
    const uint64_t scores[] = { like->rows, like->classes }, ids[] = { like->rows, like->id_bytes };
    return safetensors_note(writer, "kind", "predictions", failure)
        && safetensors_note(writer, "format", "1", failure)
        && safetensors_declare_vector(writer, "classes", STORED_U32, like->classes, like->class,
                                      failure)
        && safetensors_declare_vector(writer, "starts", STORED_I32, like->rows, like->start,
                                      failure)
        && safetensors_declare(writer, "ids", STORED_U8, 2, ids, like->id, failure)
        && safetensors_declare(writer, "scores", STORED_F32, 2, scores, NULL, failure)
        && safetensors_start(writer, file, failure);
}
