#include "common/rank/fusion.h"
#include "common/base/parallel.h"
#include "common/rank/number.h"

#include <string.h>

#define BLOCK_BYTES ((size_t)1 << 22) // of scores: in a second-level cache with its inputs' parts

bool fusion_weights(Fusion *fusion, const char *text, size_t count, Arena *arena, Failure *failure)
{
    double sum = 0;
    size_t given = 0;
    if (!arena_array(arena, fusion->weights, count, failure))
        return false;
    for (size_t i = 0; i < count && !text; i++)
        fusion->weights[i] = 1.0 / (double)count;
    for (const char *at = text; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL) {
        double weight;
        if (!number_real(at, strcspn(at, ","), &weight) || weight < 0 || given == count)
            return fail(failure, EX_USAGE,
                        "--weights %s: must be %zu numbers from 0, one for each file", text, count);
        fusion->weights[given++] = weight;
        sum += weight;
    }
    if (text && (given != count || !(sum > 0) || sum > 1e300))
        return fail(failure, EX_USAGE,
                    "--weights %s: must be %zu numbers from 0, one for each file, not all 0", text,
                    count);
    for (size_t i = 0; i < count && text; i++)
        fusion->weights[i] /= sum;
    return true;
}

bool fusion_take_weights(Fusion *fusion, const double *weights, size_t count, Arena *arena,
                         Failure *failure)
{
    double sum = 0;
    if (!arena_array(arena, fusion->weights, count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        sum += weights[i];
    for (size_t i = 0; i < count; i++)
        fusion->weights[i] = weights[i] / sum;
    return true;
}

/* The first thing in which an input differs from the first one. */
static bool check_same(const Predictions *a, const Predictions *b, Failure *failure)
{
    if (a->classes != b->classes || memcmp(a->class, b->class, a->classes * sizeof *a->class) != 0)
        return fail(failure, EX_DATAERR, "%s and %s have different classes; predict the same ones",
                    a->path, b->path);
    if (a->rows != b->rows)
        return fail(failure, EX_DATAERR, "%s has %zu rows, %s %zu; predict the same ones", a->path,
                    a->rows, b->path, b->rows);
    for (size_t row = 0; row < a->rows; row++) {
        size_t length = prediction_id_length(a, row);
        if (length != prediction_id_length(b, row) || a->start[row] != b->start[row]
            || memcmp(prediction_id(a, row), prediction_id(b, row), length) != 0)
            return fail(failure, EX_DATAERR,
                        "row %zu is %.*s (start %d) in %s but %.*s (start %d) in %s; predict the "
                        "same ones",
                        row, (int)length, prediction_id(a, row), a->start[row], a->path,
                        (int)prediction_id_length(b, row), prediction_id(b, row), b->start[row],
                        b->path);
    }
    return true;
}

bool fusion_open(Fusion *fusion, const char *const *paths, size_t count, Arena *arena,
                 Failure *failure)
{
    if (count == 0)
        return fail(failure, EX_USAGE, "no files; name the predictions to fuse");
    if (!arena_array(arena, fusion->inputs, count, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        fusion->count = i + 1;
        if (!predictions_open(&fusion->inputs[i], paths[i], arena, failure)
            || !check_same(&fusion->inputs[0], &fusion->inputs[i], failure))
            return false;
    }
    return true;
}

void fusion_close(Fusion *fusion)
{
    for (size_t i = 0; i < fusion->count; i++)
        predictions_close(&fusion->inputs[i]);
    *fusion = (Fusion){ 0 };
}

/* Rows `first` on of a block being computed. */
typedef struct Block {
    const Fusion *fusion;
    size_t first; // element
    float *scores;
} Block;

static void fuse_elements(void *context, size_t begin, size_t end)
{
    const Block *block = context;
    const Fusion *fusion = block->fusion;
    for (size_t i = begin; i < end; i++) {
        double sum = 0;
        for (size_t input = 0; input < fusion->count; input++)
            sum += fusion->weights[input] * (double)fusion->inputs[input].scores[block->first + i];
        block->scores[i] = (float)sum;
    }
}

static bool check_block(const Fusion *fusion, size_t row, size_t rows, Failure *failure)
{
    for (size_t input = 0; input < fusion->count; input++)
        for (size_t i = row; i < row + rows; i++)
            if (!prediction_scores(&fusion->inputs[input], i, failure))
                return false;
    return true;
}

bool fusion_write(Fusion *fusion, AtomicFile *file, Arena scratch, Failure *failure)
{
    const Predictions *like = &fusion->inputs[0];
    SafetensorsWriter writer = safetensors_writer(&scratch);
    size_t row_bytes = like->classes * sizeof(float);
    size_t step = row_bytes && row_bytes < BLOCK_BYTES ? BLOCK_BYTES / row_bytes : 1;
    Block block = { .fusion = fusion };
    if (!arena_array(&scratch, block.scores, step * like->classes, failure)
        || !predictions_start(&writer, like, file, failure))
        return false;
    for (size_t row = 0; row < like->rows; row += step) {
        size_t rows = like->rows - row < step ? like->rows - row : step;
        block.first = row * like->classes;
        if (!check_block(fusion, row, rows, failure))
            return false;
        parallel_for(rows * like->classes, (size_t)1 << 16, fuse_elements, &block);
        if (!safetensors_write(&writer, "scores", block.scores, rows * row_bytes, failure))
            return false;
        for (size_t i = 0; i < fusion->count; i++)
            predictions_release(&fusion->inputs[i], row);
    }
    return safetensors_finish(&writer, failure);
}
