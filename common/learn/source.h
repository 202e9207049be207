/*
 * Source: an index, a part of it, and the folder with its shards: what a loader reads from.
 */
#ifndef PODIUM_LEARN_SOURCE_H
#define PODIUM_LEARN_SOURCE_H

#include "common/learn/feed.h"

typedef struct Source {
    ShardIndex index;
    Subset part;
    bool has_part;
    const char *folder;
} Source;

/*
 * Open. Close it with source_close, also after a failure.
 *
 *   part, data  NULL: all of the index; where the scan that made the index found its shards
 *   failure     EX_NOINPUT, EX_DATAERR: as shard_index_open, subset_open and shard_index_folder say
 */
bool source_open(Source *source, const char *index, const char *part, const char *data,
                 Arena *arena, Failure *failure);
void source_close(Source *source);

/* Settings of a loader of the videos of a source, in the order of the index. */
LoaderSettings source_videos(const Source *source, const FeatureSpecs *features, size_t batch,
                             size_t classes);

/* The most rows that a batch of such a loader can have. */
FeedBounds source_bounds(const Source *source, const LoaderSettings *settings);

#endif
