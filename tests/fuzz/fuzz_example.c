/*
 * tf.Example and tf.SequenceExample: a record's payload, and all values of all features.
 */
#include "harness.h"

#include "common/data/video.h"

#include <stdlib.h>

static void count_bytes(void *context, const void *bytes, size_t size)
{
    size_t *total = context;
    touch(bytes, size);
    *total += size;
}

/* What the features say of themselves is what copying them needs. */
static void copy(const VideoFeature *feature, Arena *arena)
{
    Failure failure = { 0 };
    uint8_t *frames;
    float *floats;
    size_t total = 0;
    video_each(feature, count_bytes, &total);
    if (feature->is_frames) {
        CHECK(total == feature->frames * feature->width);
        CHECK(arena_array(arena, frames, total, &failure));
        video_copy_frames(feature, 0, feature->frames, frames, feature->width);
        if (feature->frames > 1)
            video_copy_frames(feature, feature->frames - 1, 1, frames, feature->width);
        touch(frames, total);
    }
    if (feature->is_floats) {
        CHECK(arena_array(arena, floats, feature->width, &failure));
        video_copy_floats(feature, floats);
        touch(floats, feature->width * sizeof *floats);
    }
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    Failure failure = { 0 };
    Video video;
    bool ok = video_parse(&video, bytes, size, INPUT ":0", arena, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    touch(video.id, video.id_length);
    touch(video.labels, video.label_count * sizeof *video.labels);
    touch(video.ratings, video.rating_count * sizeof *video.ratings);
    for (size_t i = 0; i < video.feature_count; i++) {
        touch(video.features[i].name, video.features[i].name_length);
        copy(&video.features[i], arena);
    }
}

const Harness harness = { "example", try, NULL, 32, 1 << 16 };
