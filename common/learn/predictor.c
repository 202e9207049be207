#include "common/learn/predictor.h"
#include "common/base/parallel.h"
#include "common/base/progress.h"

#include <string.h>

#define SEGMENT ((size_t)LOADER_SEGMENT_FRAMES)

/* Scores of a batch as they leave: of the classes kept, and which rows have one that is no number. */
typedef struct Output {
    const Predictor *predictor;
    const real *scores; // [rows, times, classes of the network]
    size_t times;       // of each row, whose mean leaves
    size_t width;
    real *kept; // [rows, class_count], where not all are kept, or of several times
    bool *bad;  // [rows]
    ShiftList shifted;
} Output;

/* Whether scores leave otherwise than the network gives them. */
static bool changes_scores(const Predictor *p)
{
    return p->classes || shifts_any(p->shifts);
}

static size_t kept_width(const Predictor *p)
{
    return p->classes ? p->class_count : width_of(p->probabilities);
}

/* Of a class, over all times; the shifts are added up in their order. */
static real mean_score(const Output *out, const real *scores, size_t class)
{
    real sum = scores[class];
    for (size_t i = 1; i < out->times; i++)
        sum += scores[i * out->width + class];
    return out->times > 1 ? sum / (real)out->times : sum;
}

static void keep_rows(void *context, size_t begin, size_t end)
{
    const Output *out = context;
    const Predictor *p = out->predictor;
    for (size_t row = begin; row < end; row++) {
        const real *scores = out->scores + row * out->times * out->width;
        real sum = 0; // of differences that are 0 unless a score is not finite
        for (size_t i = 0; i < out->times * out->width; i++)
            sum += scores[i] - scores[i];
        out->bad[row] = !(sum == 0);
        for (size_t i = 0; changes_scores(p) && i < kept_width(p); i++)
            out->kept[row * kept_width(p) + i] =
                mean_score(out, scores, p->classes ? p->classes[i] : i);
    }
}

static bool bind(const Predictor *p, const Batch *batch, Output *out, Failure *failure)
{
    if (!shifts_any(p->shifts))
        return feed_bind(&p->feed, p->plan, batch, failure);
    FeedList list = shift_list_fill(&out->shifted, batch);
    return feed_bind_listed(&p->feed, p->plan, batch, &list, failure);
}

/* Take the scores of a batch that ran last, or (`before` 1) before the last one. */
static bool take_scores(const Predictor *p, const Batch *batch, size_t before, Output *out,
                        Failure *failure)
{
    if (!plan_output_of(p->plan, p->probabilities, before, &out->scores, failure))
        return false;
    parallel_for(batch->count, 16, keep_rows, out);
    for (size_t row = 0; row < batch->count; row++) {
        const ShardIndex *index = p->loader.sources[batch->source[row]].index;
        if (out->bad[row])
            return fail(failure, EX_DATAERR,
                        "video %.*s: a score is not a number; the checkpoint is damaged",
                        (int)record_id_length(index, batch->record[row]),
                        record_id(index, batch->record[row]));
    }
    return true;
}

static bool make_output(Output *out, const Predictor *p, Arena *arena, Failure *failure)
{
    LoaderBounds most = loader_bounds(&p->loader);
    *out = (Output){ .predictor = p,
                     .width = width_of(p->probabilities),
                     .times = shifts_count(p->shifts) };
    return arena_array(arena, out->bad, most.samples, failure)
        && arena_array(arena, out->kept, changes_scores(p) ? most.samples * kept_width(p) : 0,
                       failure)
        && (!shifts_any(p->shifts)
            || shift_list_create(&out->shifted, p->shifts, most, arena, failure));
}

/* Predictions under way. On a device that works later a batch is computed while the one before is visited. */
typedef struct Scoring {
    const Predictor *predictor;
    PredictorVisit *visit;
    void *context;
    Loader *loader;
    Output out;
    const Batch *waiting; // whose scores were not taken yet; NULL: none
    Progress progress;
    uint64_t done;
} Scoring;

/* Visit the batch that waits, if any, and give it back; (`before` 1) another one has run since. */
static bool settle(Scoring *s, size_t before, Failure *failure)
{
    const Predictor *p = s->predictor;
    const Batch *batch = s->waiting;
    if (!batch)
        return true;
    bool ok = take_scores(p, batch, before, &s->out, failure)
        && s->visit(s->context, batch, changes_scores(p) ? s->out.kept : s->out.scores, failure);
    s->done = batch->next;
    s->waiting = NULL;
    loader_release(s->loader);
    progress_update(&s->progress, s->done, NULL);
    return ok;
}

static bool score_batch(Scoring *s, const Batch *batch, Failure *failure)
{
    const Predictor *p = s->predictor;
    if (batch->count == 0) {
        bool ok = settle(s, 0, failure);
        s->done = batch->next;
        loader_release(s->loader);
        return ok;
    }
    if (!bind(p, batch, &s->out, failure))
        return false;
    plan_run(p->plan, &(PlanRun){ 0 });
    bool ok = settle(s, 1, failure);
    s->waiting = batch;
    return ok && (!plan_is_host(p->plan) || settle(s, 0, failure));
}

bool predictor_each(const Predictor *p, PredictorVisit *visit, void *context, Arena scratch,
                    Failure *failure)
{
    Scoring s = { .predictor = p, .visit = visit, .context = context };
    const Batch *batch;
    bool ok = make_output(&s.out, p, &scratch, failure)
        && loader_create(&s.loader, &p->loader, &scratch, failure);
    progress_begin(&s.progress, p->what, "samples", 0, p->loader.end);
    while (ok && loader_next(s.loader, &batch, failure))
        ok = score_batch(&s, batch, failure);
    ok = ok && failure->code == EX_OK && settle(&s, 0, failure);
    loader_close(s.loader);
    if (!ok)
        return false;
    progress_end(&s.progress, s.done, NULL);
    return true;
}

/* The i-th video of what is predicted. */
static uint64_t record_at(const LoaderSettings *loader, uint64_t i)
{
    const Subset *subset = loader->sources[0].subset;
    return subset ? subset->records[i] : i;
}

/* Samples of a video: itself, or its segments; none where it has no frame. */
static size_t samples_of(const LoaderSettings *loader, uint64_t record)
{
    size_t frames = loader->sources[0].index->record_frames[record];
    frames = frames < LOADER_MOST_FRAMES ? frames : LOADER_MOST_FRAMES;
    return loader->unit == LOAD_VIDEOS ? frames > 0 : (frames + SEGMENT - 1) / SEGMENT;
}

static uint64_t count_samples(const LoaderSettings *loader)
{
    uint64_t count = 0, size = loader_size(loader);
    for (uint64_t i = 0; i < size; i++)
        count += samples_of(loader, record_at(loader, i));
    return count;
}

static bool declare(const Predictor *p, uint64_t samples, SafetensorsWriter *writer,
                    Failure *failure)
{
    uint64_t width = p->loader.sources[0].index->id_bytes, classes = kept_width(p);
    uint32_t *names;
    if (!arena_array(writer->arena, names, classes, failure))
        return false;
    for (size_t i = 0; i < classes; i++)
        names[i] = p->classes ? p->classes[i] : (uint32_t)i;
    return safetensors_note(writer, "kind", PREDICTIONS_KIND, failure)
        && safetensors_note(writer, "format", PREDICTIONS_FORMAT, failure)
        && safetensors_declare_vector(writer, "classes", STORED_U32, classes, names, failure)
        && safetensors_declare(writer, "ids", STORED_U8, 2, (uint64_t[]){ samples, width }, NULL,
                               failure)
        && safetensors_declare(writer, "scores", STORED_F32, 2, (uint64_t[]){ samples, classes },
                               NULL, failure)
        && safetensors_declare_vector(writer, "starts", STORED_I32, samples, NULL, failure);
}

/* Where scores go. */
typedef struct Destination {
    const Predictor *predictor;
    SafetensorsWriter *writer;
} Destination;

static bool write_batch(void *context, const Batch *batch, const real *scores, Failure *failure)
{
    const Destination *to = context;
    return safetensors_write(to->writer, "scores", scores,
                             batch->count * kept_width(to->predictor) * sizeof *scores, failure);
}

static bool write_starts(const LoaderSettings *loader, SafetensorsWriter *writer, Failure *failure)
{
    uint64_t size = loader_size(loader);
    bool ok = true;
    for (uint64_t i = 0; ok && i < size; i++) {
        size_t samples = samples_of(loader, record_at(loader, i));
        for (size_t sample = 0; ok && sample < samples; sample++) {
            int32_t start = loader->unit == LOAD_VIDEOS ? -1 : (int32_t)(sample * SEGMENT);
            ok = safetensors_write(writer, "starts", &start, sizeof start, failure);
        }
    }
    return ok;
}

static bool write_ids(const LoaderSettings *loader, SafetensorsWriter *writer, Failure *failure)
{
    const ShardIndex *index = loader->sources[0].index;
    uint64_t size = loader_size(loader);
    bool ok = true;
    for (uint64_t i = 0; ok && i < size; i++) {
        uint64_t record = record_at(loader, i);
        size_t samples = samples_of(loader, record);
        for (size_t sample = 0; ok && sample < samples; sample++)
            ok = safetensors_write(writer, "ids", record_id(index, record), index->id_bytes,
                                   failure);
    }
    return ok;
}

bool predictor_run(const Predictor *predictor, SafetensorsWriter *writer, AtomicFile *file,
                   Failure *failure)
{
    Destination to = { predictor, writer };
    return declare(predictor, count_samples(&predictor->loader), writer, failure)
        && safetensors_start(writer, file, failure)
        && predictor_each(predictor, write_batch, &to, *writer->arena, failure)
        && write_starts(&predictor->loader, writer, failure)
        && write_ids(&predictor->loader, writer, failure) && safetensors_finish(writer, failure);
}
