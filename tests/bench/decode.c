/*
 * Bench: how fast records of frames are decoded, checksums verified, to rows of u8.
 *
 *   decode make FILE    write a shard of 700 videos of 300 frames: 245 MB
 *   decode warm FILE    decode it from the page cache, on one thread: the median of several passes
 *   decode cold FILE    decode it after its pages were dropped from the cache: the best of as many
 *
 * Prints "name value unit" lines. decode_protobuf.cc is the peer.
 */
#include "common/base/philox.h"
#include "common/base/progress.h"
#include "common/data/tfrecord.h"
#include "common/data/video_write.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define VIDEOS 700
#define FRAMES 300
#define RGB 1024
#define AUDIO 128
#define PASSES 9

static void fill(uint8_t *bytes, size_t size, uint64_t video)
{
    PhiloxKey key = philox_key(1, "bench/decode");
    for (size_t i = 0; i < size; i += 16) {
        uint32_t words[4];
        philox(key, video, i, words);
        memcpy(bytes + i, words, sizeof words);
    }
}

static bool make_video(TfrecordWriter *writer, uint64_t number, Arena scratch, Failure *failure)
{
    char id[8];
    const int64_t labels[] = { 0, 7, (int64_t)(100 + number) };
    uint8_t *rows;
    const uint8_t *payload;
    size_t size;
    snprintf(id, sizeof id, "%04u", (unsigned)(number % 10000));
    if (!arena_array(&scratch, rows, FRAMES * (RGB + AUDIO), failure))
        return false;
    fill(rows, FRAMES * (RGB + AUDIO), number);
    const VideoColumn columns[] = { { "rgb", FRAMES, RGB, rows, NULL },
                                    { "audio", FRAMES, AUDIO, rows + FRAMES * RGB, NULL } };
    const VideoContent content = { .id = id,
                                   .id_length = 4,
                                   .labels = labels,
                                   .label_count = 3,
                                   .columns = columns,
                                   .column_count = 2 };
    return video_write(&content, &scratch, &payload, &size, failure)
        && tfrecord_write(writer, payload, size, failure);
}

static bool make_shard(const char *path, Arena *arena, Failure *failure)
{
    TfrecordWriter *writer = NULL;
    bool ok = tfrecord_create(&writer, path, TFRECORD_PLAIN, arena, failure);
    for (uint64_t number = 0; ok && number < VIDEOS; number++)
        ok = make_video(writer, number, *arena, failure);
    ok = ok && tfrecord_commit(writer, NULL, failure);
    tfrecord_discard(writer);
    return ok;
}

/* The rgb and audio of one video side by side in the rows of one matrix. */
static bool decode_record(const char *path, const Record *record, uint8_t *matrix, size_t *frames,
                          Arena scratch, Failure *failure)
{
    static Video video;
    if (!video_parse(&video, record->bytes, record->size, path, &scratch, failure))
        return false;
    const VideoFeature *rgb = video_feature(&video, "rgb"), *audio = video_feature(&video, "audio");
    if (!rgb || !audio || rgb->width != RGB || audio->width != AUDIO || rgb->frames > FRAMES
        || audio->frames != rgb->frames)
        return fail(failure, EX_DATAERR, "%s: not the shard that `decode make` writes", path);
    video_copy_frames(rgb, 0, rgb->frames, matrix, RGB + AUDIO);
    video_copy_frames(audio, 0, rgb->frames, matrix + RGB, RGB + AUDIO);
    *frames += rgb->frames;
    return true;
}

/* Decode a whole shard; a byte of each matrix goes into `sum`, so that none is optimised away. */
static bool decode(const char *path, uint8_t *matrix, size_t *bytes, unsigned *sum, Arena scratch,
                   Failure *failure)
{
    TfrecordReader reader;
    Record record;
    size_t frames = 0;
    bool ok = tfrecord_open(&reader, path, failure);
    *bytes = reader.size;
    while (ok && tfrecord_next(&reader, &record, failure)) {
        ok = decode_record(path, &record, matrix, &frames, scratch, failure);
        *sum += matrix[frames % (FRAMES * (RGB + AUDIO))];
    }
    tfrecord_close(&reader);
    return ok && failure->code == EX_OK;
}

static int compare_seconds(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Have the file's pages read again from the disk. */
static bool drop_pages(const char *path, Failure *failure)
{
    int descriptor = open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
        return fail_errno(failure, EX_NOINPUT, "%s", path);
    fsync(descriptor); // dirty pages stay otherwise
    posix_fadvise(descriptor, 0, 0, POSIX_FADV_DONTNEED);
    close(descriptor);
    return true;
}

static bool measure(const char *path, bool cold, Arena *arena, Failure *failure)
{
    double seconds[PASSES];
    uint8_t *matrix;
    size_t bytes = 0;
    unsigned sum = 0;
    if (!arena_array(arena, matrix, FRAMES * (RGB + AUDIO), failure)
        || !decode(path, matrix, &bytes, &sum, *arena, failure))
        return false;
    for (size_t pass = 0; pass < PASSES; pass++) {
        if (cold && !drop_pages(path, failure))
            return false;
        double started = progress_clock();
        if (!decode(path, matrix, &bytes, &sum, *arena, failure))
            return false;
        seconds[pass] = progress_clock() - started;
    }
    qsort(seconds, PASSES, sizeof *seconds, compare_seconds);
    double taken = seconds[cold ? 0 : PASSES / 2]; // a disk that others use too is only ever slower
    printf("decode-%s %.0f MB/s\n", cold ? "cold" : "warm", (double)bytes / taken / 1e6);
    printf("decode-%s-videos %.0f videos/s\n", cold ? "cold" : "warm", VIDEOS / taken);
    fprintf(stderr, "check %u\n", sum);
    return true;
}

int main(int argc, char **argv)
{
    Arena arena = { 0 };
    Failure failure = { 0 };
    const char *what = argc == 3 ? argv[1] : "";
    bool ok = arena_open(&arena, ARENA_LARGE, &failure);
    if (ok && strcmp(what, "make") == 0)
        make_shard(argv[2], &arena, &failure);
    else if (ok && (strcmp(what, "warm") == 0 || strcmp(what, "cold") == 0))
        measure(argv[2], *what == 'c', &arena, &failure);
    else
        fail(&failure, EX_USAGE, "say make, warm or cold, and a file");
    arena_close(&arena);
    return failure_report(&failure, "decode");
}
