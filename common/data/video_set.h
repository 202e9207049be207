/*
 * VideoSet: ids of videos, of an index or a part of one.
 */
#ifndef PODIUM_DATA_VIDEO_SET_H
#define PODIUM_DATA_VIDEO_SET_H

#include "common/data/subset.h"

/* The videos of an index, or of its part. */
typedef struct Videos {
    ShardIndex index;
    Subset part;
    bool has_part;
} Videos;

/* Open an index, and the part of it where `part` isn't NULL. Close them with videos_close. */
bool videos_open(Videos *videos, const char *index, const char *part, Arena *arena,
                 Failure *failure);
void videos_close(Videos *videos);

uint64_t videos_count(const Videos *videos);

/* A table by which videos are found by their ids. */
typedef struct VideoTable {
    const Videos *videos; // borrowed
    uint64_t *slots, mask;
} VideoTable;

/* Make a table of some videos; it lives in the arena, 16 to 32 bytes a video. */
bool video_table_make(VideoTable *table, const Videos *videos, Arena *arena, Failure *failure);

bool video_table_has(const VideoTable *table, const char *id, size_t length);

/*
 * The first video of `b` that is in `a` too: whether there is one.
 *
 *   id       of it, in the arena
 *   scratch  16 to 32 bytes for each video of `a`
 */
bool videos_share(const Videos *a, const Videos *b, const char **id, Arena *arena, Arena scratch,
                  Failure *failure);

#endif
