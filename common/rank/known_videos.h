/*
 * Known videos: which videos a submission may name, and how long they are.
 */
#ifndef PODIUM_RANK_KNOWN_VIDEOS_H
#define PODIUM_RANK_KNOWN_VIDEOS_H

#include "common/data/subset.h"
#include "common/rank/text_table.h"

typedef struct KnownVideos {
    TextTable ids;          // borrowed from the index
    const uint32_t *frames; // [ids.count]
} KnownVideos;

/*
 * The videos of an index, or of a part of it.
 *
 *   subset   NULL: all
 *   failure  EX_DATAERR: a video is there twice
 *   memory   about 70 bytes a video
 */
bool known_videos_of_index(KnownVideos *known, const ShardIndex *index, const Subset *subset,
                           Arena *arena, Failure *failure);

#endif
