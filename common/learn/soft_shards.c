#include "common/learn/soft_shards.h"
#include "common/data/tfrecord.h"
#include "common/data/video_write.h"

#include <stdio.h>
#include <string.h>

#define SEGMENT ((size_t)LOADER_SEGMENT_FRAMES)

/* A shard that is being written, and the record that is being put together. */
typedef struct SoftShard {
    const Source *source;
    const Predictor *predictor;
    const ShardIndex *index;
    const FeatureSpecs *features;
    const SegmentDraw *draw;
    ArtifactFolder *folder;
    char name[48];
    AtomicFile file; // not open before the first record
    uint64_t next;   // segment of the draw that comes next
    uint32_t record;
    size_t segments; // in the record so far
    uint8_t *frames; // by feature: [SOFT_RECORD_SEGMENTS * SEGMENT, width], one after another
    Rating *ratings; // [SOFT_RECORD_SEGMENTS, labels]
    int64_t *labels; // of the record's video
    int64_t origins[SOFT_RECORD_SEGMENTS];
    size_t label_count;
    Arena scratch; // of one record's bytes
} SoftShard;

/* The file begins with its first record: input that fails before it replaces nothing. */
static bool write_framed(SoftShard *shard, const uint8_t *payload, size_t size, Failure *failure)
{
    AtomicFile *file = &shard->file;
    uint8_t head[TFRECORD_HEAD_BYTES];
    uint32_t checksum = tfrecord_checksum(payload, size);
    tfrecord_head(head, size);
    if (file->descriptor < 0
        && !artifact_folder_open_file(shard->folder, shard->name, file, failure))
        return false;
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
        && write_framed(shard, payload, size, failure);
}

static void open_record(SoftShard *shard, uint32_t record)
{
    const ShardIndex *index = shard->index;
    uint32_t first = index->label_first[record];
    shard->record = record;
    shard->label_count = index->label_first[record + 1] - first;
    for (size_t i = 0; i < shard->label_count; i++)
        shard->labels[i] = index->label_class[first + i];
}

/* Put a segment behind those of the record: rows [SEGMENT, all features], scores [classes]. */
static void add_segment(SoftShard *shard, const uint8_t *rows, size_t width, uint32_t start,
                        const real *scores)
{
    const FeatureSpecs *features = shard->features;
    size_t at = shard->segments * SEGMENT, column = 0;
    uint8_t *to = shard->frames;
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
        if (shard->segments == 0 || shard->record != batch->record[i]) {
            if (!close_record(shard, failure))
                return false;
            open_record(shard, batch->record[i]);
        }
        while (times-- > 0)
            add_segment(shard, batch->frames + row * batch->width, batch->width, batch->start[i],
                        scores + i * classes);
    }
    return true;
}

/* Refuse before the first shard what no record can hold: the videos' labels, and how many segments. */
static bool check_draw(const SoftShard *shard, Failure *failure)
{
    const ShardIndex *index = shard->index;
    const SegmentDraw *draw = shard->draw;
    size_t classes = width_of(shard->predictor->probabilities);
    uint64_t segments = 0;
    for (uint64_t i = 0; i < draw->count; i++) {
        uint32_t record = draw->segments[i].record;
        int length = (int)record_id_length(index, record);
        bool begins = i == 0 || record != draw->segments[i - 1].record;
        segments = begins ? draw->times[i] : segments + draw->times[i];
        if (segments > SOFT_RECORD_SEGMENTS)
            return fail(failure, EX_DATAERR,
                        "%s: video %.*s: more than %zu segments, which readers cut off; lower "
                        "--per-class",
                        index->path, length, record_id(index, record), SOFT_RECORD_SEGMENTS);
        for (uint32_t j = index->label_first[record]; begins && j < index->label_first[record + 1];
             j++)
            if (index->label_class[j] >= classes)
                return fail(failure, EX_DATAERR,
                            "%s: video %.*s has class %u, and the model has %zu classes",
                            index->path, length, record_id(index, record), index->label_class[j],
                            classes);
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

static bool write_shards(SoftShard *shard, size_t shards, Arena scratch, Failure *failure)
{
    const SegmentDraw *draw = shard->draw;
    uint64_t first = 0;
    for (size_t i = 0; i < shards && first < draw->count; i++) {
        uint64_t end = end_of_shard(draw, first, i, shards);
        shard->file = (AtomicFile){ .descriptor = -1 };
        snprintf(shard->name, sizeof shard->name, "train%04zu.tfrecord", i);
        bool ok = end == first || artifact_folder_has(shard->folder, shard->name, failure)
            || (failure->code == EX_OK && write_shard(shard, first, end, scratch, failure)
                && source_stayed(shard->source, scratch, failure)
                && (shard->file.descriptor < 0
                    || artifact_folder_close_file(shard->folder, &shard->file, failure)));
        atomic_file_discard(&shard->file);
        if (!ok)
            return false;
        first = end;
    }
    return true;
}

/* Working space of its own: the folder goes on using its stage's arena meanwhile. */
bool soft_shards_write(ArtifactFolder *folder, const Source *source, const Predictor *predictor,
                       const SegmentDraw *draw, size_t shards, Failure *failure)
{
    Arena scratch;
    SoftShard shard = { .predictor = predictor,
                        .source = source,
                        .index = predictor->loader.sources[0].index,
                        .features = predictor->loader.features,
                        .draw = draw,
                        .folder = folder };
    if (shards == 0)
        shards = (size_t)((draw->total + SOFT_SHARD_SEGMENTS - 1) / SOFT_SHARD_SEGMENTS);
    if (!check_draw(&shard, failure) || !arena_open(&scratch, ARENA_LARGE, failure))
        return false;
    bool ok = write_shards(&shard, shards, scratch, failure);
    arena_close(&scratch);
    return ok;
}
