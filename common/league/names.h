/*
 * Names: what videos, shards and classes of a league are called.
 *
 * Ids are 4 characters, unique over all partitions, and end in the two of their shard, as in the
 * dataset (spec/data-and-metrics 4.1, 5.1). Names of classes are made up.
 */
#ifndef PODIUM_LEAGUE_NAMES_H
#define PODIUM_LEAGUE_NAMES_H

#include "common/data/layout.h"
#include "common/league/world.h"

#define LEAGUE_ID_BYTES ((size_t)4)
#define LEAGUE_NAME_BYTES ((size_t)64)

/* The videos of a partition, and those of one of its shards: [begin, end). */
size_t league_videos(const LeagueParameters *parameters, Partition partition);
size_t league_shards(const LeagueParameters *parameters, Partition partition);
typedef struct VideoRange {
    uint64_t begin, end;
} VideoRange;
VideoRange league_shard_videos(const LeagueParameters *parameters, Partition partition,
                               size_t shard);

/* The shard that has a video. */
size_t league_shard_of(const LeagueParameters *parameters, Partition partition, uint64_t video);

/* The two characters of a shard, with a zero byte. */
void league_suffix(char suffix[3], size_t shard);

/* The id of a video (a number in its partition), with a zero byte. */
void league_id(char id[LEAGUE_ID_BYTES + 1], const LeagueParameters *parameters,
               Partition partition, uint64_t video);

/* "Silver Harbour"; another for each class. */
void league_class_name(char name[LEAGUE_NAME_BYTES], uint32_t class);

/* "/m/0a3f": another for each class. */
void league_knowledge_graph_id(char id[LEAGUE_NAME_BYTES], uint32_t class);

/* The dataset's own names of its verticals. */
const char *league_vertical_name(size_t vertical);

#endif
