#include "common/league/measure.h"
#include "common/base/file.h"
#include "common/base/parallel.h"
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

const size_t measure_lags[MEASURE_STREAMS][MEASURE_LAGS] = { { 1, 2, 3, 5, 10 },
                                                             { 1, 2, 3, 5, 9 } };
static const char *const stream_names[MEASURE_STREAMS] = { "rgb", "audio" };
static const size_t stream_width[MEASURE_STREAMS] = { LEAGUE_RGB, LEAGUE_AUDIO };
#define MOST_FRAMES 400 // the longest that is measured; the dataset has 301

/* One shard, being measured. */
typedef struct ShardMeasure {
    const char *path, *hidden;
    Arena arena;
    Measures measures;
    size_t capacity;
    MappedFile truth;
    const char *truth_next, *truth_end; // the line of the next video
    uint8_t *bytes;                     // [MOST_FRAMES, a stream's width]
    int16_t *values;                    // the same, centred
    Failure failure;
} ShardMeasure;

/* sum over k of a[k] b[k]: below 2^31 for 1024 values of 9 bits. */
static int64_t product(const int16_t *a, const int16_t *b, size_t width)
{
    int32_t sum = 0;
    for (size_t k = 0; k < width; k++)
        sum += (int32_t)a[k] * b[k];
    return sum;
}

static void add_products(StreamSums *sums, const int16_t *values, size_t frames, size_t stream)
{
    size_t width = stream_width[stream];
    for (size_t t = 0; t < frames; t++)
        sums->deviation += product(values + t * width, values + t * width, width);
    sums->deviations += frames;
    for (size_t l = 0; l < MEASURE_LAGS; l++) {
        size_t lag = measure_lags[stream][l];
        for (size_t t = lag; t < frames; t++)
            sums->product[l] += product(values + t * width, values + (t - lag) * width, width);
        sums->products[l] += frames > lag ? frames - lag : 0;
    }
}

/* A stream of one video: its mean, its values, and how they hang together in time. */
static void measure_stream(ShardMeasure *shard, VideoMeasure *video, size_t frames, size_t stream)
{
    size_t width = stream_width[stream], first = stream ? LEAGUE_RGB : 0;
    StreamSums *sums = &shard->measures.streams[stream];
    int32_t total[LEAGUE_RGB] = { 0 };
    double square = 0;
    for (size_t i = 0; i < frames * width; i++) {
        uint8_t byte = shard->bytes[i];
        int value = 2 * byte - 255;
        shard->values[i] = (int16_t)value;
        total[i % width] += value;
        sums->square += value * value;
        sums->clipped += byte == 0 || byte == 255;
    }
    sums->values += frames * width;
    for (size_t k = 0; k < width; k++) {
        double mean = total[k] * MEASURE_STEP / (double)frames;
        shard->measures.sum[first + k] += mean;
        shard->measures.square[first + k] += mean * mean;
        square += mean * mean;
    }
    video->square[stream] = (float)(square / (double)width);
    for (size_t k = 0; stream == 0 && k < width; k++) {
        int16_t mean = (int16_t)lrint(total[k] / (double)frames); // a step is 1 % of the sd
        for (size_t t = 0; t < frames; t++)
            shard->values[t * width + k] -= mean;
    }
    add_products(sums, shard->values, frames, stream);
}

static bool is_label(const Video *video, int64_t class)
{
    for (size_t i = 0; i < video->label_count; i++)
        if (video->labels[i] == class)
            return true;
    return false;
}

/* Hold a video's labels against its line of the truth: "ID,CLASS CLASS ...". */
static bool compare_labels(ShardMeasure *shard, const Video *video, VideoMeasure *measure,
                           Failure *failure)
{
    const char *line = shard->truth_next, *end = shard->truth_end;
    const char *newline = line < end ? memchr(line, '\n', (size_t)(end - line)) : NULL;
    size_t length = newline ? (size_t)(newline - line) : 0;
    if (length <= video->id_length || memcmp(line, video->id, video->id_length) != 0
        || line[video->id_length] != ',')
        return fail(failure, EX_DATAERR, "%s: line %zu is not about the video of %s", shard->hidden,
                    shard->measures.count + 1, shard->path);
    shard->truth_next = newline + 1;
    for (const char *at = line + video->id_length; at < newline;) {
        char *after;
        if (at[1] < '0' || at[1] > '9') // a newline, too: strtoll would look for digits behind it
            return fail(failure, EX_DATAERR, "%s: line %zu: not a list of classes", shard->hidden,
                        shard->measures.count + 1);
        int64_t class = strtoll(at + 1, &after, 10); // ends at the newline at the latest
        measure->truth++;
        measure->true_labels += is_label(video, class);
        at = after;
    }
    return true;
}

static bool add_video(ShardMeasure *shard, const VideoMeasure *video, Failure *failure)
{
    Measures *measures = &shard->measures;
    if (measures->count == shard->capacity) {
        VideoMeasure *more;
        shard->capacity = shard->capacity ? 2 * shard->capacity : 256;
        if (!arena_array(&shard->arena, more, shard->capacity, failure))
            return false;
        if (measures->count)
            memcpy(more, measures->videos, measures->count * sizeof *more);
        measures->videos = more;
    }
    measures->videos[measures->count++] = *video;
    return true;
}

static bool measure_record(ShardMeasure *shard, const Record *record, Arena scratch,
                           Failure *failure)
{
    Video video;
    VideoMeasure measure = { 0 };
    char where[1100];
    snprintf(where, sizeof where, "%s:%llu", shard->path, (unsigned long long)record->offset);
    if (!video_parse(&video, record->bytes, record->size, where, &scratch, failure))
        return false;
    for (size_t stream = 0; stream < MEASURE_STREAMS; stream++) {
        const VideoFeature *feature = video_feature(&video, stream_names[stream]);
        if (!feature || !feature->is_frames || feature->width != stream_width[stream]
            || feature->frames == 0 || feature->frames > MOST_FRAMES)
            return fail(failure, EX_DATAERR, "%s: no 1 to %d frames of %s of %zu bytes", where,
                        MOST_FRAMES, stream_names[stream], stream_width[stream]);
        video_copy_frames(feature, 0, feature->frames, shard->bytes, feature->width);
        measure_stream(shard, &measure, feature->frames, stream);
        measure.frames = (uint32_t)feature->frames;
    }
    measure.labels = (uint32_t)video.label_count;
    return (!shard->truth.bytes || compare_labels(shard, &video, &measure, failure))
        && add_video(shard, &measure, failure);
}

static bool measure_records(ShardMeasure *shard, Failure *failure)
{
    TfrecordReader reader;
    Record record;
    Arena scratch = { 0 };
    size_t most = MOST_FRAMES * LEAGUE_RGB;
    if (!arena_open(&shard->arena, ARENA_LARGE, failure)
        || !arena_array(&shard->arena, shard->bytes, most, failure)
        || !arena_array(&shard->arena, shard->values, most, failure)
        || !tfrecord_open(&reader, shard->path, failure))
        return false;
    bool ok = arena_open(&scratch, ARENA_LARGE, failure);
    while (ok && tfrecord_next(&reader, &record, failure))
        ok = measure_record(shard, &record, scratch, failure);
    arena_close(&scratch);
    tfrecord_close(&reader);
    return ok && failure->code == EX_OK;
}

static void measure_shard(ShardMeasure *shard)
{
    Failure none = { 0 };
    if (mapped_file_open(&shard->truth, shard->hidden, &none) && shard->truth.bytes) {
        shard->truth_next = (const char *)shard->truth.bytes;
        shard->truth_end = shard->truth_next + shard->truth.size;
        shard->measures.has_truth = true;
    }
    measure_records(shard, &shard->failure);
    mapped_file_close(&shard->truth);
}

static void measure_piece(void *context, size_t begin, size_t end)
{
    ShardMeasure *shards = context;
    for (size_t i = begin; i < end; i++)
        measure_shard(&shards[i]);
}

static void add_streams(StreamSums *to, const StreamSums *from)
{
    to->values += from->values;
    to->clipped += from->clipped;
    to->square += from->square;
    to->deviation += from->deviation;
    to->deviations += from->deviations;
    for (size_t l = 0; l < MEASURE_LAGS; l++) {
        to->product[l] += from->product[l];
        to->products[l] += from->products[l];
    }
}

/* Add a shard's measures to those of the shards before it. */
static bool add_shard(Measures *all, const ShardMeasure *shard, Failure *failure)
{
    const Measures *one = &shard->measures;
    if (shard->failure.code != EX_OK)
        return fail(failure, shard->failure.code, "%s", shard->failure.message);
    for (size_t stream = 0; stream < MEASURE_STREAMS; stream++)
        add_streams(&all->streams[stream], &one->streams[stream]);
    for (size_t k = 0; k < LEAGUE_WIDTH; k++) {
        all->sum[k] += one->sum[k];
        all->square[k] += one->square[k];
    }
    all->has_truth = all->has_truth && one->has_truth;
    if (one->count)
        memcpy(all->videos + all->count, one->videos, one->count * sizeof *one->videos);
    all->count += one->count;
    return true;
}

static bool list_shards(ShardMeasure **shards, ShardList *list, const char *data, Arena *arena,
                        Failure *failure)
{
    if (!layout_shards(list, data, PARTITION_TRAIN, LEVEL_FRAME, arena, failure)
        || !arena_array(arena, *shards, list->count, failure))
        return false;
    for (size_t i = 0; i < list->count; i++) {
        const char *name = list->names[i];
        (*shards)[i].path = arena_format(arena, failure, "%s/%s", list->folder, name);
        (*shards)[i].hidden =
            arena_format(arena, failure, "%s/hidden/%.*s.csv", data, (int)strcspn(name, "."), name);
        if (!(*shards)[i].path || !(*shards)[i].hidden)
            return false;
    }
    return true;
}

bool measure_train(Measures *measures, const char *data, Arena *arena, Failure *failure)
{
    ShardMeasure *shards;
    ShardList list;
    size_t videos = 0;
    *measures = (Measures){ .has_truth = true };
    if (!list_shards(&shards, &list, data, arena, failure))
        return false;
    parallel_for(list.count, 1, measure_piece, shards);
    for (size_t i = 0; i < list.count; i++)
        videos += shards[i].measures.count;
    bool ok = arena_array(arena, measures->videos, videos, failure);
    for (size_t i = 0; i < list.count; i++) {
        ok = ok && add_shard(measures, &shards[i], failure);
        arena_close(&shards[i].arena);
    }
    return ok && (videos || fail(failure, EX_DATAERR, "%s: no videos", list.folder));
}
