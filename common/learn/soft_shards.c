#include "common/learn/soft_shards.h"
#include "common/data/tfrecord.h"
#include "common/data/video_write.h"

#include <stdio.h>
#include <string.h>

#define SEGMENT ((size_t)LOADER_SEGMENT_FRAMES)

/* A shard that is being written, and the record that is being put together. */
typedef struct SoftShard {
    const Predictor *predictor;
    const ShardIndex *index;
    const FeatureSpecs *features;
    const SegmentDraw *draw;
    AtomicFile *file;
    uint64_t next; // segment of the draw that comes next
    uint32_t record;
    size_t segments; // in the record so far
    uint8_t *frames; // by feature: [SOFT_RECORD_SEGMENTS * SEGMENT, width], one after another
    Rating *ratings; // [SOFT_RECORD_SEGMENTS, labels]
    int64_t *labels; // of the record's video
    int64_t origins[SOFT_RECORD_SEGMENTS];
    size_t label_count;
    Arena scratch; // of one record's bytes
} SoftShard;

static bool write_framed(AtomicFile *file, const uint8_t *payload, size_t size, Failure *failure)
{
    uint8_t head[TFRECORD_HEAD_BYTES];
    uint32_t checksum = tfrecord_checksum(payload, size);
    tfrecord_head(head, size);
    return atomic_file_write(file, head, sizeof head, failure)
        && atomic_file_write(file, payload, size, failure)
        && atomic_file_write(file, &checksum, sizeof checksum, failure);
}

static bool close_record(SoftShard *shard, Failure *failure)
{
    VideoColumn columns[DATASET_MOST_FEATURES];
    const FeatureSpecs *features = shard->features;
    const uint8_t *payload, *rows = shard->frames;
    size_t size;
    Arena scratch = shard->scratch;
    if (shard->segments == 0)
        return true;
    for (size_t i = 0; i < features->count; i++) {
        const FeatureSpec *feature = &features->features[i];
        columns[i] =
            (VideoColumn){ feature->name, shard->segments * SEGMENT, feature->width, rows, NULL };
        rows += SOFT_RECORD_SEGMENTS * SEGMENT * feature->width;
    }
    VideoContent content = { .id = record_id(shard->index, shard->record),
                             .id_length = record_id_length(shard->index, shard->record),
                             .labels = shard->labels,
                             .label_count = shard->label_count,
                             .ratings = shard->ratings,
                             .rating_count = shard->segments * shard->label_count,
                             .origins = shard->origins,
                             .origin_count = shard->segments,
                             .columns = columns,
                             .column_count = features->count };
    shard->segments = 0;
    return video_write(&content, &scratch, &payload, &size, failure)
        && write_framed(shard->file, payload, size, failure);
}

static bool open_record(SoftShard *shard, uint32_t record, Failure *failure)
{
    const ShardIndex *index = shard->index;
    uint32_t first = index->label_first[record];
    size_t classes = width_of(shard->predictor->probabilities);
    shard->record = record;
    shard->label_count = index->label_first[record + 1] - first;
    for (size_t i = 0; i < shard->label_count; i++) {
        shard->labels[i] = index->label_class[first + i];
        if (index->label_class[first + i] >= classes)
            return fail(failure, EX_DATAERR,
                        "%s: video %.*s has class %u, and the model has %zu classes", index->path,
                        (int)record_id_length(index, record), record_id(index, record),
                        index->label_class[first + i], classes);
    }
    return true;
}

/* Put a segment behind those of the record: rows [SEGMENT, all features], scores [classes]. */
static bool add_segment(SoftShard *shard, const uint8_t *rows, size_t width, uint32_t start,
                        const real *scores, Failure *failure)
{
    const FeatureSpecs *features = shard->features;
    size_t at = shard->segments * SEGMENT, column = 0;
    uint8_t *to = shard->frames;
    if (shard->segments == SOFT_RECORD_SEGMENTS)
        return fail(failure, EX_DATAERR,
                    "video %.*s: more than %zu segments, which readers cut off; lower --per-class",
                    (int)record_id_length(shard->index, shard->record),
                    record_id(shard->index, shard->record), SOFT_RECORD_SEGMENTS);
    for (size_t i = 0; i < features->count; column += features->features[i++].width) {
        size_t own = features->features[i].width;
        for (size_t row = 0; row < SEGMENT; row++)
            memcpy(to + (at + row) * own, rows + row * width + column, own);
        to += SOFT_RECORD_SEGMENTS * SEGMENT * own;
    }
    for (size_t i = 0; i < shard->label_count; i++)
        shard->ratings[shard->segments * shard->label_count + i] =
            (Rating){ (int64_t)at, (int64_t)(at + SEGMENT), shard->labels[i],
                      (float)scores[shard->labels[i]] };
    shard->origins[shard->segments++] = start;
    return true;
}

/* The draw's place of a scored segment: those that gave no whole sample are passed over. */
static uint64_t find_drawn(SoftShard *shard, uint32_t record, uint32_t start)
{
    const SegmentDraw *draw = shard->draw;
    while (draw->segments[shard->next].record != record
           || draw->segments[shard->next].start != start)
        shard->next++;
    return shard->next++;
}

static bool take_batch(void *context, const Batch *batch, const real *scores, Failure *failure)
{
    SoftShard *shard = context;
    size_t classes = width_of(shard->predictor->probabilities);
    for (size_t i = 0; i < batch->count; i++) {
        uint32_t row = batch->row_first[i], times;
        if (batch->row_first[i + 1] - row < SEGMENT)
            continue;
        times = shard->draw->times[find_drawn(shard, batch->record[i], batch->start[i])];
        if ((shard->segments == 0 || shard->record != batch->record[i])
            && !(close_record(shard, failure) && open_record(shard, batch->record[i], failure)))
            return false;
        while (times-- > 0)
            if (!add_segment(shard, batch->frames + row * batch->width, batch->width,
                             batch->start[i], scores + i * classes, failure))
                return false;
    }
    return true;
}

static bool make_memory(SoftShard *shard, Arena *arena, Failure *failure)
{
    const ShardIndex *index = shard->index;
    size_t labels = 1;
    for (uint64_t record = 0; record < index->records; record++) {
        size_t own = index->label_first[record + 1] - index->label_first[record];
        labels = own > labels ? own : labels;
    }
    return arena_array(arena, shard->frames,
                       SOFT_RECORD_SEGMENTS * SEGMENT * shard->features->width, failure)
        && arena_array(arena, shard->labels, labels, failure)
        && arena_array(arena, shard->ratings, SOFT_RECORD_SEGMENTS * labels, failure);
}

/* Score and write the segments first .. end - 1 of the draw. */
static bool write_shard(SoftShard *shard, uint64_t first, uint64_t end, Arena scratch,
                        Failure *failure)
{
    Predictor part = *shard->predictor;
    part.loader.listed = shard->draw->segments + first;
    part.loader.listed_count = part.loader.end = end - first;
    shard->next = first;
    shard->segments = 0;
    if (!make_memory(shard, &scratch, failure)
        || !arena_open(&shard->scratch, ARENA_LARGE, failure))
        return false;
    bool ok =
        predictor_each(&part, take_batch, shard, scratch, failure) && close_record(shard, failure);
    arena_close(&shard->scratch);
    return ok;
}

/* Where shard number i ends: at the first video after its share of the segments. */
static uint64_t end_of_shard(const SegmentDraw *draw, uint64_t first, size_t number, size_t shards)
{
    uint64_t end = draw->count * (number + 1) / shards;
    end = end > first ? end : first;
    while (end > first && end < draw->count
           && draw->segments[end].record == draw->segments[end - 1].record)
        end++;
    return end;
}

static bool write_shards(SoftShard *shard, ArtifactFolder *folder, size_t shards, Arena scratch,
                         Failure *failure)
{
    const SegmentDraw *draw = shard->draw;
    uint64_t first = 0;
    for (size_t i = 0; i < shards && first < draw->count; i++) {
        AtomicFile file = { .descriptor = -1 };
        char name[48];
        uint64_t end = end_of_shard(draw, first, i, shards);
        snprintf(name, sizeof name, "train%04zu.tfrecord", i);
        shard->file = &file;
        bool ok = end == first || artifact_folder_has(folder, name, failure)
            || (failure->code == EX_OK && artifact_folder_open_file(folder, name, &file, failure)
                && write_shard(shard, first, end, scratch, failure)
                && artifact_folder_close_file(folder, &file, failure));
        atomic_file_discard(&file);
        if (!ok)
            return false;
        first = end;
    }
    return true;
}

/* Working space of its own: the folder goes on using its stage's arena meanwhile. */
bool soft_shards_write(ArtifactFolder *folder, const Predictor *predictor, const SegmentDraw *draw,
                       size_t shards, Failure *failure)
{
    Arena scratch;
    SoftShard shard = { .predictor = predictor,
                        .index = predictor->loader.sources[0].index,
                        .features = predictor->loader.features,
                        .draw = draw };
    if (shards == 0)
        shards = (size_t)((draw->total + SOFT_SHARD_SEGMENTS - 1) / SOFT_SHARD_SEGMENTS);
    if (!arena_open(&scratch, ARENA_LARGE, failure))
        return false;
    bool ok = write_shards(&shard, folder, shards, scratch, failure);
    arena_close(&scratch);
    return ok;
}
