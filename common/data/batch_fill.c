#include "common/data/batch_fill.h"
#include "common/data/population.h"

#include <string.h>

#define SEGMENT ((size_t)LOADER_SEGMENT_FRAMES)

/* The frames that a sample has, of those of its video from `start` on. */
typedef struct Frames {
    size_t start;
    const uint32_t *numbers; // [count]
    size_t count;
} Frames;

/* What samples draw their frames by: their batch, and their epoch. */
typedef struct Drawing {
    FrameDraw draw;
    uint64_t epoch;
} Drawing;

bool batch_source_measure(BatchSource *source, Arena scratch, Failure *failure)
{
    LoaderSettings *settings = &source->settings;
    RecordReader reader = { 0 };
    const FeatureSpecs anything = { 0 };
    Item item = population_item(settings, 0);
    if (!record_open(&reader, &source->caches[item.source], item.record, &anything, false, scratch,
                     failure))
        return false;
    const VideoFeature *first = video_feature(reader.video, settings->features->features[0].name);
    source->frames = first && first->is_frames;
    record_close(&reader);
    source->bounds = loader_bounds(settings);
    if (source->bounds.rows > UINT32_MAX || source->bounds.labels > UINT32_MAX)
        return fail(failure, EX_USAGE, "a batch of %zu is too large", settings->batch);
    return settings->unit == LOAD_VIDEOS || source->frames
        || fail(failure, EX_DATAERR, "%s: feature %s is no list of frames: it has no segments",
                settings->sources[item.source].index->path, settings->features->features[0].name);
}

/* Frames of one sample, at most. */
static size_t most_numbers(const LoaderSettings *settings)
{
    size_t bound = frames_bound(&settings->sampling, settings->most_frames);
    return bound > SEGMENT ? bound : SEGMENT;
}

bool batch_memory_make(BatchMemory *memory, const BatchSource *source, Arena *arena,
                       Failure *failure)
{
    LoaderBounds most = source->bounds;
    size_t width = source->settings.features->width, values;
    if (__builtin_mul_overflow(most.rows, width, &values))
        return fail(failure, EX_USAGE, "a batch of %zu is too large", source->settings.batch);
    *memory = (BatchMemory){ 0 };
    bool ok = arena_array(arena, memory->source, most.samples, failure)
        && arena_array(arena, memory->record, most.samples, failure)
        && arena_array(arena, memory->start, most.samples, failure)
        && arena_array(arena, memory->row_first, most.samples + 1, failure)
        && arena_array(arena, memory->label_first, most.samples + 1, failure)
        && arena_array(arena, memory->numbers, most_numbers(&source->settings), failure)
        && arena_array(arena, memory->label_class, most.labels, failure)
        && arena_array(arena, memory->label_score, most.labels, failure)
        && (source->frames ? arena_array(arena, memory->frames, values, failure)
                           : arena_array(arena, memory->values, values, failure));
    memory->batch = (Batch){ .width = width,
                             .source = memory->source,
                             .record = memory->record,
                             .start = memory->start,
                             .row_first = memory->row_first,
                             .frames = memory->frames,
                             .values = memory->values,
                             .label_first = memory->label_first,
                             .label_class = memory->label_class,
                             .label_score = memory->label_score };
    return ok;
}

/* Append a label to the sample that is being filled. */
static bool add_label(BatchMemory *memory, const BatchSource *source, uint32_t class, float score,
                      const char *where, Failure *failure)
{
    uint32_t *end = &memory->label_first[memory->batch.count + 1];
    if (source->settings.classes && class >= source->settings.classes)
        return fail(failure, EX_DATAERR, "%s: class %u is not below %u; see --classes", where,
                    class, source->settings.classes);
    memory->label_class[*end] = class;
    memory->label_score[*end] = score;
    ++*end;
    return true;
}

static bool add_labels(BatchMemory *memory, const BatchSource *source, const Item *item,
                       const char *where, Failure *failure)
{
    const ShardIndex *index = source->settings.sources[item->source].index;
    bool ok = true;
    memory->label_first[memory->batch.count + 1] = memory->label_first[memory->batch.count];
    if (source->settings.unit == LOAD_VIDEOS)
        for (uint32_t i = index->label_first[item->record];
             ok && i < index->label_first[item->record + 1]; i++)
            ok = add_label(memory, source, index->label_class[i], 1, where, failure);
    if (source->settings.unit == LOAD_RATED_SEGMENTS)
        for (uint32_t i = index->segment_first[item->segment];
             ok && i < index->segment_first[item->segment + 1]; i++)
            ok = add_label(memory, source, index->rating_class[i], index->rating_score[i], where,
                           failure);
    return ok;
}

/* How many frames from the j-th on follow each other: they are copied at once. */
static size_t run_length(Frames frames, size_t j)
{
    size_t end = j + 1;
    while (end < frames.count && frames.numbers[end] == frames.numbers[end - 1] + 1)
        end++;
    return end - j;
}

/* Copy frames of all features, side by side, behind the rows that are there. */
static void add_rows(BatchMemory *memory, const BatchSource *source, const RecordReader *reader,
                     Frames frames)
{
    const FeatureSpecs *specs = source->settings.features;
    Batch *batch = &memory->batch;
    size_t column = 0;
    for (size_t i = 0; i < specs->count; column += specs->features[i++].width) {
        const VideoFeature *feature = reader->feature[i];
        size_t at = batch->rows * batch->width + column;
        if (!source->frames)
            video_copy_floats(feature, memory->values + at);
        for (size_t j = 0, run; source->frames && j < frames.count; j += run) {
            run = run_length(frames, j);
            video_copy_frames(feature, frames.numbers[j], run,
                              memory->frames + at + j * batch->width, batch->width);
        }
    }
    batch->rows += frames.count;
}

/* Append one sample; none at all where there are no frames. */
static bool add_sample(BatchMemory *memory, const BatchSource *source, const RecordReader *reader,
                       const Item *item, Frames frames, Failure *failure)
{
    Batch *batch = &memory->batch;
    if (frames.count == 0)
        return true;
    if (!add_labels(memory, source, item, reader->where, failure))
        return false;
    add_rows(memory, source, reader, frames);
    memory->source[batch->count] = item->source;
    memory->record[batch->count] = item->record;
    memory->start[batch->count] = source->settings.unit == LOAD_VIDEOS ? 0 : (uint32_t)frames.start;
    memory->row_first[++batch->count] = (uint32_t)batch->rows;
    return true;
}

static size_t segment_frames(size_t start, size_t frames)
{
    size_t left = start < frames ? frames - start : 0;
    return left < SEGMENT ? left : SEGMENT;
}

/* Draw the frames of a sample that may have `n` from `start` on. */
static Frames choose_frames(const BatchMemory *memory, const BatchSource *source, const Item *item,
                            size_t start, size_t n, const Drawing *drawing)
{
    const LoaderSettings *settings = &source->settings;
    const ShardIndex *index = settings->sources[item->source].index;
    FrameDraw draw = drawing->draw;
    FrameSampling sampling = { 0 };
    if (source->frames && settings->unit != LOAD_ALL_SEGMENTS)
        sampling = settings->sampling;
    draw.key =
        frames_sample_key(source->choosing, record_id(index, item->record),
                          record_id_length(index, item->record), (uint32_t)start, drawing->epoch);
    size_t count = frames_list(memory->numbers, &sampling, &draw, start, n);
    return (Frames){ start, memory->numbers, count };
}

/*
 * Frames of the open record that samples may have: a batch's memory was measured by the index, which
 * may be of another shard of the same size.
 */
static size_t indexed_frames(const BatchSource *source, const RecordReader *reader,
                             const Item *item)
{
    const LoaderSettings *settings = &source->settings;
    size_t indexed = settings->sources[item->source].index->record_frames[item->record];
    size_t frames =
        record_frames(reader, settings->features, source->frames, settings->most_frames);
    return frames < indexed ? frames : indexed;
}

/* Append the sample that begins at this frame. */
static bool add_from(BatchMemory *memory, const BatchSource *source, const RecordReader *reader,
                     const Item *item, size_t start, size_t n, const Drawing *drawing,
                     Failure *failure)
{
    Frames frames = choose_frames(memory, source, item, start, n, drawing);
    return add_sample(memory, source, reader, item, frames, failure);
}

/* Append the samples of one item of the population. */
static bool add_item(BatchMemory *memory, BatchSource *source, RecordReader *reader,
                     const Item *item, const Drawing *drawing, Arena scratch, Failure *failure)
{
    const LoaderSettings *settings = &source->settings;
    if (!record_open(reader, &source->caches[item->source], item->record, settings->features,
                     source->frames, scratch, failure))
        return false;
    size_t frames = indexed_frames(source, reader, item);
    if (settings->unit == LOAD_VIDEOS)
        return add_from(memory, source, reader, item, 0, frames, drawing, failure);
    if (settings->unit != LOAD_ALL_SEGMENTS)
        return add_from(memory, source, reader, item, item->start,
                        segment_frames(item->start, frames), drawing, failure);
    for (size_t start = 0; start < frames; start += SEGMENT)
        if (!add_from(memory, source, reader, item, start, segment_frames(start, frames), drawing,
                      failure))
            return false;
    return true;
}

bool batch_fill(BatchMemory *memory, BatchSource *source, uint64_t first, Arena scratch,
                Failure *failure)
{
    const LoaderSettings *settings = &source->settings;
    Batch *batch = &memory->batch;
    RecordReader reader = { 0 };
    Drawing drawing = { frames_draw_batch(&settings->sampling, source->thinning, first), 0 };
    uint64_t left = settings->end - first;
    bool ok = true;
    batch->first = first;
    batch->next = first + (left < settings->batch ? left : settings->batch);
    batch->count = batch->rows = 0;
    memory->row_first[0] = memory->label_first[0] = 0;
    for (uint64_t sample = first; ok && sample < batch->next; sample++) {
        Item item = population_item(settings, sampler_item(&source->sampler, sample));
        drawing.epoch = sample / source->sampler.size;
        ok = add_item(memory, source, &reader, &item, &drawing, scratch, failure);
    }
    record_close(&reader);
    return ok;
}
