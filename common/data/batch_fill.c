#include "common/data/batch_fill.h"
#include "common/data/video.h"

#include <string.h>

#define SEGMENT ((size_t)LOADER_SEGMENT_FRAMES)

/* The most labels that one sample has: videos by their labels, segments by their ratings. */
static size_t most_labels(const ShardIndex *index, LoaderUnit unit)
{
    const uint32_t *first = unit == LOAD_VIDEOS ? index->label_first : index->segment_first;
    uint64_t count = unit == LOAD_VIDEOS ? index->records
        : unit == LOAD_RATED_SEGMENTS    ? index->segments
                                         : 0;
    uint32_t most = 0;
    for (uint64_t i = 0; i < count; i++)
        if (first[i + 1] - first[i] > most)
            most = first[i + 1] - first[i];
    return most;
}

/* A record of the index, read and verified. */
static bool read_video(Video *video, BatchSource *source, uint32_t record, const char **where,
                       Arena *scratch, Failure *failure)
{
    const ShardIndex *index = source->settings.index;
    size_t shard = shard_of_record(index, record);
    Record bytes;
    const TfrecordReader *reader = shard_cache_take(&source->cache, shard, failure);
    if (!reader)
        return false;
    uint64_t offset = index->record_offset[record];
    *where = arena_format(scratch, failure, "%s:%llu", reader->path, (unsigned long long)offset);
    bool ok = *where && tfrecord_at(reader, offset, &bytes, failure)
        && video_parse(video, bytes.bytes, bytes.size, *where, scratch, failure);
    if (!ok)
        shard_cache_release(&source->cache, shard);
    else if (!video->id || video->id_length != record_id_length(index, record)
             || memcmp(video->id, record_id(index, record), video->id_length) != 0) {
        shard_cache_release(&source->cache, shard);
        return fail(failure, EX_DATAERR, "%s: not the record that was indexed; index it again",
                    *where);
    }
    return ok;
}

static void release_video(BatchSource *source, uint32_t record)
{
    shard_cache_release(&source->cache, shard_of_record(source->settings.index, record));
}

/* Find the features of a record: all of them, of their widths, all frames or all floats. */
static bool find_features(const VideoFeature *found[], const Video *video,
                          const FeatureSpecs *specs, bool frames, const char *where,
                          Failure *failure)
{
    for (size_t i = 0; i < specs->count; i++) {
        const FeatureSpec *spec = &specs->features[i];
        const VideoFeature *feature = found[i] = video_feature(video, spec->name);
        if (!feature)
            return fail(failure, EX_DATAERR, "%s: the record has no feature %s; see --features",
                        where, spec->name);
        if (frames ? !feature->is_frames : !feature->is_floats)
            return fail(failure, EX_DATAERR,
                        "%s: feature %s is no list of %s, as others are; see "
                        "--features",
                        where, spec->name, frames ? "frames" : "floats");
        if (feature->width != spec->width && !(frames && feature->frames == 0))
            return fail(failure, EX_DATAERR,
                        "%s: feature %s has %zu values, not %zu; see --features", where, spec->name,
                        feature->width, spec->width);
    }
    return true;
}

bool batch_source_measure(BatchSource *source, Arena scratch, Failure *failure)
{
    LoaderSettings *settings = &source->settings;
    Video *video;
    const char *where;
    uint32_t record =
        settings->subset && settings->subset->record_count ? settings->subset->records[0] : 0;
    if (!arena_array(&scratch, video, 1, failure)
        || !read_video(video, source, record, &where, &scratch, failure))
        return false;
    const VideoFeature *first = video_feature(video, settings->features->features[0].name);
    source->frames = first && first->is_frames;
    release_video(source, record);
    size_t in_video = source->frames ? settings->most_frames : 1;
    bool all = settings->unit == LOAD_ALL_SEGMENTS;
    bool overflow =
        __builtin_mul_overflow(settings->batch, all ? (in_video + SEGMENT - 1) / SEGMENT : 1,
                               &source->most_samples)
        || __builtin_mul_overflow(settings->batch,
                                  settings->unit == LOAD_RATED_SEGMENTS ? SEGMENT : in_video,
                                  &source->most_rows)
        || __builtin_mul_overflow(settings->batch, most_labels(settings->index, settings->unit),
                                  &source->most_labels);
    if (overflow || source->most_rows > UINT32_MAX || source->most_labels > UINT32_MAX)
        return fail(failure, EX_USAGE, "a batch of %zu is too large", settings->batch);
    return settings->unit == LOAD_VIDEOS || source->frames
        || fail(failure, EX_DATAERR, "%s: feature %s is no list of frames: it has no segments",
                where, settings->features->features[0].name);
}

bool batch_memory_make(BatchMemory *memory, const BatchSource *source, Arena *arena,
                       Failure *failure)
{
    size_t samples = source->most_samples, rows = source->most_rows, labels = source->most_labels;
    size_t width = source->settings.features->width, values;
    if (__builtin_mul_overflow(rows, width, &values))
        return fail(failure, EX_USAGE, "a batch of %zu is too large", source->settings.batch);
    *memory = (BatchMemory){ 0 };
    bool ok = arena_array(arena, memory->record, samples, failure)
        && arena_array(arena, memory->start, samples, failure)
        && arena_array(arena, memory->row_first, samples + 1, failure)
        && arena_array(arena, memory->label_first, samples + 1, failure)
        && arena_array(arena, memory->label_class, labels, failure)
        && arena_array(arena, memory->label_score, labels, failure)
        && (source->frames ? arena_array(arena, memory->frames, values, failure)
                           : arena_array(arena, memory->values, values, failure));
    memory->batch = (Batch){ .width = width,
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

static bool add_labels(BatchMemory *memory, const BatchSource *source, uint64_t item,
                       const char *where, Failure *failure)
{
    const ShardIndex *index = source->settings.index;
    bool ok = true;
    memory->label_first[memory->batch.count + 1] = memory->label_first[memory->batch.count];
    if (source->settings.unit == LOAD_VIDEOS)
        for (uint32_t i = index->label_first[item]; ok && i < index->label_first[item + 1]; i++)
            ok = add_label(memory, source, index->label_class[i], 1, where, failure);
    if (source->settings.unit == LOAD_RATED_SEGMENTS)
        for (uint32_t i = index->segment_first[item]; ok && i < index->segment_first[item + 1]; i++)
            ok = add_label(memory, source, index->rating_class[i], index->rating_score[i], where,
                           failure);
    return ok;
}

/* Copy rows first .. first + rows - 1 of all features, side by side, behind those that are there.
 */
static void add_rows(BatchMemory *memory, const BatchSource *source,
                     const VideoFeature *const found[], size_t first, size_t rows)
{
    const FeatureSpecs *specs = source->settings.features;
    Batch *batch = &memory->batch;
    size_t column = 0;
    for (size_t i = 0; i < specs->count; column += specs->features[i++].width) {
        size_t at = batch->rows * batch->width + column;
        if (source->frames)
            video_copy_frames(found[i], first, rows, memory->frames + at, batch->width);
        else
            video_copy_floats(found[i], memory->values + at);
    }
    batch->rows += rows;
}

/* Frames of a video that are used: those that all features have, up to the most. */
static size_t frames_of(const BatchSource *source, const VideoFeature *const found[])
{
    size_t frames = source->frames ? source->settings.most_frames : 1;
    for (size_t i = 0; source->frames && i < source->settings.features->count; i++)
        if (found[i]->frames < frames)
            frames = found[i]->frames;
    return frames;
}

/* Append one sample: rows from `first` on, up to `most`; none at all where there are no rows. */
static bool add_sample(BatchMemory *memory, const BatchSource *source,
                       const VideoFeature *const found[], uint64_t item, uint32_t record,
                       size_t first, size_t most, const char *where, Failure *failure)
{
    Batch *batch = &memory->batch;
    size_t frames = frames_of(source, found);
    if (first >= frames)
        return true;
    if (!add_labels(memory, source, item, where, failure))
        return false;
    add_rows(memory, source, found, first, frames - first < most ? frames - first : most);
    memory->record[batch->count] = record;
    memory->start[batch->count] = (uint32_t)first;
    memory->row_first[++batch->count] = (uint32_t)batch->rows;
    return true;
}

/* Append the samples of one item of the population. */
static bool add_item(BatchMemory *memory, BatchSource *source, uint64_t item, Arena scratch,
                     Failure *failure)
{
    const LoaderSettings *settings = &source->settings;
    const ShardIndex *index = settings->index;
    const VideoFeature *found[DATASET_MOST_FEATURES];
    const char *where;
    Video *video;
    bool rated = settings->unit == LOAD_RATED_SEGMENTS;
    uint32_t record = (uint32_t)(rated ? record_of_segment(index, item) : item);
    if (!arena_array(&scratch, video, 1, failure)
        || !read_video(video, source, record, &where, &scratch, failure))
        return false;
    bool ok = find_features(found, video, settings->features, source->frames, where, failure);
    if (ok && rated)
        ok = add_sample(memory, source, found, item, record,
                        index->rating_start[index->segment_first[item]], SEGMENT, where, failure);
    else if (ok && settings->unit == LOAD_VIDEOS)
        ok = add_sample(memory, source, found, item, record, 0, SIZE_MAX, where, failure);
    else if (ok)
        for (size_t start = 0; ok && start < frames_of(source, found); start += SEGMENT)
            ok = add_sample(memory, source, found, item, record, start, SEGMENT, where, failure);
    release_video(source, record);
    return ok;
}

bool batch_fill(BatchMemory *memory, BatchSource *source, uint64_t first, Arena scratch,
                Failure *failure)
{
    const LoaderSettings *settings = &source->settings;
    Batch *batch = &memory->batch;
    uint64_t left = settings->end - first;
    batch->first = first;
    batch->next = first + (left < settings->batch ? left : settings->batch);
    batch->count = batch->rows = 0;
    memory->row_first[0] = memory->label_first[0] = 0;
    for (uint64_t sample = first; sample < batch->next; sample++)
        if (!add_item(memory, source, sampler_item(&source->sampler, sample), scratch, failure))
            return false;
    return true;
}
