#include "common/learn/predictor.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"

#include <math.h>
#include <string.h>

#define BLOCK ((size_t)4096) // ids and starts written at once

/* The i-th video of what is predicted. */
static uint64_t record_at(const LoaderSettings *loader, uint64_t i)
{
    return loader->subset ? loader->subset->records[i] : i;
}

/* Videos without a frame give no sample: loader.h. */
static bool has_sample(const LoaderSettings *loader, uint64_t record)
{
    return loader->index->record_frames[record] > 0;
}

static uint64_t count_samples(const LoaderSettings *loader)
{
    uint64_t count = 0, size = loader_size(loader);
    for (uint64_t i = 0; i < size; i++)
        count += has_sample(loader, record_at(loader, i));
    return count;
}

static bool declare(const Predictor *p, uint64_t samples, SafetensorsWriter *writer,
                    Failure *failure)
{
    uint64_t width = p->loader.index->id_bytes, classes = width_of(p->probabilities);
    uint32_t *names;
    if (!arena_array(writer->arena, names, classes, failure))
        return false;
    for (size_t i = 0; i < classes; i++)
        names[i] = (uint32_t)i;
    return safetensors_note(writer, "kind", PREDICTIONS_KIND, failure)
        && safetensors_note(writer, "format", PREDICTIONS_FORMAT, failure)
        && safetensors_declare_vector(writer, "classes", STORED_U32, classes, names, failure)
        && safetensors_declare(writer, "ids", STORED_U8, 2, (uint64_t[]){ samples, width }, NULL,
                               failure)
        && safetensors_declare(writer, "scores", STORED_F32, 2, (uint64_t[]){ samples, classes },
                               NULL, failure)
        && safetensors_declare_vector(writer, "starts", STORED_I32, samples, NULL, failure);
}

/* Which rows of scores have one that is not finite. */
typedef struct Check {
    const real *scores;
    size_t classes;
    bool *bad; // [rows]
} Check;

static void check_rows(void *context, size_t begin, size_t end)
{
    const Check *check = context;
    for (size_t row = begin; row < end; row++) {
        const real *scores = check->scores + row * check->classes;
        real sum = 0; // of differences that are 0 unless a score is not finite
        for (size_t i = 0; i < check->classes; i++)
            sum += scores[i] - scores[i];
        check->bad[row] = !(sum == 0);
    }
}

static bool write_batch(const Predictor *p, const Batch *batch, bool bad[],
                        SafetensorsWriter *writer, Failure *failure)
{
    const ShardIndex *index = p->loader.index;
    if (batch->count == 0)
        return true;
    if (!feed_bind(&p->feed, p->plan, batch, failure))
        return false;
    plan_forward(p->plan, 0, 0);
    Check check = { plan_output(p->plan, p->probabilities), width_of(p->probabilities), bad };
    parallel_for(batch->count, 16, check_rows, &check);
    for (size_t row = 0; row < batch->count; row++)
        if (bad[row])
            return fail(failure, EX_DATAERR,
                        "video %.*s: a score is not a number; the checkpoint is damaged",
                        (int)record_id_length(index, batch->record[row]),
                        record_id(index, batch->record[row]));
    return safetensors_write(writer, "scores", check.scores,
                             batch->count * check.classes * sizeof *check.scores, failure);
}

static bool write_scores(const Predictor *p, SafetensorsWriter *writer, Failure *failure)
{
    Loader *loader = NULL;
    const Batch *batch;
    Progress progress;
    bool *bad,
        ok = arena_array(writer->arena, bad, p->loader.batch, failure)
        && loader_create(&loader, &p->loader, writer->arena, failure);
    uint64_t done = 0;
    progress_begin(&progress, p->what, "samples", 0, p->loader.end);
    while (ok && loader_next(loader, &batch, failure)) {
        ok = write_batch(p, batch, bad, writer, failure);
        done = batch->next;
        loader_release(loader);
        progress_update(&progress, done, NULL);
    }
    loader_close(loader);
    if (!ok || failure->code != EX_OK)
        return false;
    progress_end(&progress, done, NULL);
    return true;
}

static bool write_starts(uint64_t samples, SafetensorsWriter *writer, Failure *failure)
{
    int32_t starts[BLOCK];
    memset(starts, 0xff, sizeof starts); // -1: whole videos
    for (uint64_t i = 0; i < samples; i += BLOCK) {
        size_t part = samples - i < BLOCK ? (size_t)(samples - i) : BLOCK;
        if (!safetensors_write(writer, "starts", starts, part * sizeof *starts, failure))
            return false;
    }
    return true;
}

static bool write_ids(const Predictor *p, SafetensorsWriter *writer, Failure *failure)
{
    const ShardIndex *index = p->loader.index;
    uint64_t size = loader_size(&p->loader);
    for (uint64_t i = 0; i < size; i++) {
        uint64_t record = record_at(&p->loader, i);
        if (has_sample(&p->loader, record)
            && !safetensors_write(writer, "ids", record_id(index, record), index->id_bytes,
                                  failure))
            return false;
    }
    return true;
}

bool predictor_run(const Predictor *predictor, SafetensorsWriter *writer, AtomicFile *file,
                   Failure *failure)
{
    uint64_t samples = count_samples(&predictor->loader);
    return declare(predictor, samples, writer, failure) && safetensors_start(writer, file, failure)
        && write_scores(predictor, writer, failure) && write_starts(samples, writer, failure)
        && write_ids(predictor, writer, failure) && safetensors_finish(writer, failure);
}
