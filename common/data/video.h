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
#include "common/data/feature.h"

#include <stdint.h>

#define VIDEO_MOST_FEATURES 16 // features a record may have; more are refused

/* One rating of a segment: class `label` in frames start .. end - 1 (seconds), with a score. */
typedef struct Rating {
    int64_t start, end, label;
    float score;
} Rating;

/*
 * A feature as it stands in the record: frames of bytes (is_frames), one list of floats
 * (is_floats), or something that no model is fed from (neither: integers, loose byte strings, lists
 * of floats), whose width is 0 and which video_each alone can read.
 */
typedef struct VideoFeature {
    const char *name; // not terminated
    size_t name_length;
    FeatureKind kind;
    bool is_frames;      // a feature list of byte strings (u8), one a frame
    bool is_floats;      // a float list
    bool is_list;        // from the feature lists, not from the context
    size_t frames;       // Features in the list; 1 for a feature of the context
    size_t width;        // bytes of each frame (all agree; 0 where there is none), or floats
    const uint8_t *wire; // the map entry that holds it, for video_copy_* and video_each
    size_t wire_size;
    const uint8_t *first; // the first frame's bytes, where all frames are equally far apart
    size_t distance;      // bytes of the record from one frame to the next; 0: they are not
} VideoFeature;

typedef struct Video {
    const char *id; // "id" or else "video_id"; not terminated; NULL where the record has none
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
 *   failure  EX_DATAERR: malformed wire format (says the byte), a frame that is not one byte
 * string, frames of different widths, rating lists of different lengths, an id or labels of another
 * type, more than VIDEO_MOST_FEATURES features cost     one pass over tags and lengths; a frame's
 * bytes are not touched
 *
 * A feature list hides a feature of the context that has its name. Features without a value of any
 * kind are absent; a list without frames is there, with 0 frames.
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

/*
 * Call visit(context, bytes, size) for the values of any feature, in order: once for each byte
 * string, once for each run of little-endian floats, once for each integer (8 bytes,
 * little-endian).
 */
typedef void VideoVisit(void *context, const void *bytes, size_t size);
void video_each(const VideoFeature *feature, VideoVisit *visit, void *context);

#endif
