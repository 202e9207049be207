/*
 * Source: an index, a part of it, and the folder with its shards: what a loader reads from.
 */
#ifndef PODIUM_LEARN_SOURCE_H
#define PODIUM_LEARN_SOURCE_H

#include "common/base/options.h"
#include "common/data/shard_watch.h"
#include "common/learn/feed.h"

typedef struct Source {
    ShardIndex index;
    Subset part;
    bool has_part;
    const char *folder;
    ShardWatch watch;
} Source;

/*
 * Open. Close it with source_close, also after a failure.
 *
 *   part, data  NULL: all of the index; where the scan that made the index found its shards
 *   failure     EX_NOINPUT, EX_DATAERR: as shard_index_open, subset_open, shard_index_folder and
 *               shard_watch_begin say
 */
bool source_open(Source *source, const char *index, const char *part, const char *data,
                 Arena *arena, Failure *failure);
void source_close(Source *source);

/* Whether the shards stayed as they were; before what was made of them is kept. EX_TEMPFAIL. */
bool source_stayed(const Source *source, Arena scratch, Failure *failure);

/*
 * Open several, each with the part that was drawn from it, in any order. Close each of them, also
 * after a failure.
 *
 *   sources  [LOADER_MOST_SOURCES]; *count of them were opened
 *   data     where shards are; those that aren't there are where their scan found them
 *   failure  as source_open; EX_USAGE: too many, a part of none of the indexes
 */
bool sources_open(Source sources[], size_t *count, const OptionValue *indexes,
                  const OptionValue *parts, const char *data, Arena *arena, Failure *failure);

/* Settings of a loader of the videos of some sources, in the order of their indexes. */
LoaderSettings source_videos(const Source sources[], size_t count, const FeatureSpecs *features,
                             size_t batch, size_t classes);

#endif
