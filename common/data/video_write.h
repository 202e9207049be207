/*
 * Video, written: a record's payload in the wire format of the official shards.
 *
 *   context        the float features in their order, id, labels, segment_origins, the four
 *                  rating lists; packed
 *   feature_lists  the frame features in their order; written (as 12 00) even where there are none,
 *                  as in every official video-level record
 *
 * The same content gives the same bytes. Source: spec/data-and-metrics 2.1, 2.3, 2.4, 3.
 */
#ifndef PODIUM_DATA_VIDEO_WRITE_H
#define PODIUM_DATA_VIDEO_WRITE_H

#include "common/data/video.h"

/* A feature to write: frames of bytes, or one list of floats. */
typedef struct VideoColumn {
    const char *name;
    size_t frames;       // of a feature of frames
    size_t width;        // bytes a frame, or floats
    const uint8_t *rows; // [frames, width], the frames; NULL for a list of floats
    const float *floats; // [width]; NULL for frames
} VideoColumn;

/* What to write. Everything is borrowed for the call. */
typedef struct VideoContent {
    const char *id;
    size_t id_length;
    const int64_t *labels;
    size_t label_count; // 0: without labels, as in test shards
    const Rating *ratings;
    size_t rating_count; // 0: without the rating lists
    const VideoColumn *columns;
    size_t column_count;
    const int64_t *origins; // segment_origins: where in the video the record's segments began
    size_t origin_count;    // 0: without that list, which only segments taken from a video have
} VideoContent;

/*
 * Serialise a video.
 *
 *   payload  in the arena, from one allocation a little larger than the result
 *   failure  EX_OSERR: the arena is full
 */
bool video_write(const VideoContent *content, Arena *arena, const uint8_t **payload, size_t *size,
                 Failure *failure);

#endif
