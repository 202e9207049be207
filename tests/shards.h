/*
 * Shards for tests: small partitions with known content, written by the library's own writers,
 * whose bytes other tests hold against other programs.
 */
#ifndef PODIUM_TESTS_SHARDS_H
#define PODIUM_TESTS_SHARDS_H

#include "common/data/index_write.h"
#include "common/data/tfrecord.h"
#include "common/data/video_write.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

/* Frame f of a test video has this byte in column j: told apart by id, frame and column. */
static inline uint8_t test_byte(const char *id, size_t frame, size_t column)
{
    return (uint8_t)(37 * id[0] + 11 * id[1] + 5 * frame + column);
}

/* A frame-level record: features rgb (4 bytes) and audio (2 bytes). */
static inline void test_write_frames(TfrecordWriter *writer, const char *id, size_t frames,
                                     const int64_t *labels, size_t label_count,
                                     const Rating *ratings, size_t rating_count, Arena scratch)
{
    Failure failure = { 0 };
    const uint8_t *payload;
    size_t size;
    uint8_t rgb[400 * 4], audio[400 * 2];
    for (size_t f = 0; f < frames; f++) {
        for (size_t j = 0; j < 4; j++)
            rgb[f * 4 + j] = test_byte(id, f, j);
        for (size_t j = 0; j < 2; j++)
            audio[f * 2 + j] = test_byte(id, f, 4 + j);
    }
    VideoColumn columns[2] = { { "rgb", frames, 4, rgb, NULL },
                               { "audio", frames, 2, audio, NULL } };
    VideoContent content = {
        id, strlen(id), labels, label_count, ratings, rating_count, columns, 2
    };
    ck_assert(video_write(&content, &scratch, &payload, &size, &failure));
    ck_assert(tfrecord_write(writer, payload, size, &failure));
}

/* A video-level record: feature mean_rgb, 3 floats: v, v + 1, v + 2. */
static inline void test_write_mean(TfrecordWriter *writer, const char *id, float v,
                                   const int64_t *labels, size_t label_count, Arena scratch)
{
    Failure failure = { 0 };
    const uint8_t *payload;
    size_t size;
    float mean[3] = { v, v + 1, v + 2 };
    VideoColumn columns[1] = { { "mean_rgb", 0, 3, NULL, mean } };
    VideoContent content = { id, strlen(id), labels, label_count, NULL, 0, columns, 1 };
    ck_assert(video_write(&content, &scratch, &payload, &size, &failure));
    ck_assert(tfrecord_write(writer, payload, size, &failure));
}

/* Index shards that lie in one folder, as the stage does; features "": any. */
static inline bool test_index(const char *output, const char *folder, const char *const *names,
                              size_t count, const char *features, Arena *arena, Failure *failure)
{
    FeatureSpecs specs = { 0 };
    ScanSettings settings = { &specs, false };
    ShardEntries entries[16];
    Arena arenas[16] = { 0 };
    AtomicFile file = { .descriptor = -1 };
    char path[1024];
    bool ok = *features == 0 || feature_specs_parse(&specs, features, arena, failure);
    for (size_t i = 0; ok && i < count; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        ok = shard_scan(&entries[i], path, &settings, &arenas[i], failure);
    }
    IndexContent content = { PARTITION_VALIDATE, features, (const char **)names, entries, count };
    ok = ok && index_check_ids(&content, *arena, failure)
        && atomic_file_open(&file, output, failure) && index_write(&content, &file, *arena, failure)
        && atomic_file_commit(&file, NULL, failure);
    atomic_file_discard(&file);
    for (size_t i = 0; i < count; i++)
        arena_close(&arenas[i]);
    return ok;
}

#endif
