/*
 * Video: one record of the dataset, read straight from protobuf's wire format.
 *
 * tf.Example and tf.SequenceExample share field 1, so one reader serves video-level, frame-level
 * and segment records. Nothing is copied but what the caller asks for: a Video points into the
 * record.
 *
 * Source: TensorFlow, core/example/{example,feature}.proto; spec/data-and-metrics 2 and 3.
 */
#ifndef PODIUM_DATA_VIDEO_H
#define PODIUM_DATA_VIDEO_H

#include "common/base/arena.h"

#include <stdint.h>

#define VIDEO_MOST_FEATURES 16 // features a record may have; more are refused

/* One rating of a segment: class `label` in frames start .. end - 1 (seconds), with a score. */
typedef struct Rating {
    int64_t start, end, label;
    float score;
} Rating;

/* A feature as it stands in the record. */
typedef struct VideoFeature {
    const char *name; // not terminated
    size_t name_length;
    bool is_frames; // a feature list of byte strings (u8); otherwise one float list
    size_t frames;  // byte strings in the list; 1 for a float list
    size_t width;   // bytes of each frame (of the first; all must agree), or floats in the list
    const uint8_t *wire; // where its value begins, for video_copy_*
    size_t wire_size;
} VideoFeature;

typedef struct Video {
    const char *id; // "id" or "video_id"; not terminated; NULL where the record has none
    size_t id_length;
    int64_t *labels; // [label_count], in the record's order, in the arena
    size_t label_count;
    Rating *ratings; // [rating_count], in the record's order, in the arena
    size_t rating_count;
    VideoFeature
        features[VIDEO_MOST_FEATURES]; // in the record's order, a repeated key's last value
    size_t feature_count;
} Video;

/*
 * Parse a record's payload.
 *
 *   video    points into the payload; labels and ratings live in the arena
 *   where    "file:byte" of the record, for messages
 *   failure  EX_DATAERR: malformed wire format (says the byte), frames of different widths, rating
 *            lists of different lengths
 *   cost     one pass over tags and lengths; a frame's bytes are not touched
 */
bool video_parse(Video *video, const uint8_t *payload, size_t size, const char *where, Arena *arena,
                 Failure *failure);

/* The feature of that name, or NULL. */
const VideoFeature *video_feature(const Video *video, const char *name);

/*
 * Copy frames first .. first + count - 1 of a feature of byte strings.
 *
 *   to      [count] rows of feature->width bytes, each `stride` bytes after the one before
 */
void video_copy_frames(const VideoFeature *feature, size_t first, size_t count, uint8_t *to,
                       size_t stride);

/* Copy a float list: feature->width floats. */
void video_copy_floats(const VideoFeature *feature, float *to);

#endif
