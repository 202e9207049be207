#include "common/league/names.h"
#include "common/base/philox.h"

#include <stdio.h>
#include <string.h>

static const char alphabet[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
#define LETTERS 62

static const char *const qualities[] = {
    "Amber",   "Ancient", "Arctic",  "Autumn",  "Blue",    "Bright",   "Bronze",   "Calm",
    "Central", "Classic", "Clear",   "Coastal", "Copper",  "Crimson",  "Crystal",  "Daily",
    "Deep",    "Desert",  "Distant", "Double",  "Early",   "Eastern",  "Electric", "Emerald",
    "Evening", "Fast",    "First",   "Forest",  "Free",    "Giant",    "Golden",   "Grand",
    "Green",   "Hidden",  "High",    "Inner",   "Iron",    "Island",   "Ivory",    "Jade",
    "Little",  "Lunar",   "Marble",  "Modern",  "Morning", "Mountain", "Night",    "Northern",
    "Ocean",   "Open",    "Outer",   "Pacific", "Paper",   "Polar",    "Quiet",    "Rapid",
    "Red",     "River",   "Royal",   "Silver",  "Solar",   "Southern", "Velvet",   "Western",
};
static const char *const things[] = {
    "Anchor",    "Arcade",  "Archer",  "Atlas",    "Ballad",  "Banner",   "Beacon",  "Bicycle",
    "Bridge",    "Camera",  "Canvas",  "Carousel", "Castle",  "Chariot",  "Choir",   "Circuit",
    "Comet",     "Compass", "Concert", "Cottage",  "Cricket", "Dance",    "Diesel",  "Dragon",
    "Drum",      "Engine",  "Falcon",  "Ferry",    "Fiddle",  "Fountain", "Galaxy",  "Garden",
    "Glacier",   "Guitar",  "Harbour", "Harvest",  "Helmet",  "Horizon",  "Kettle",  "Kitchen",
    "Lantern",   "Library", "Machine", "Marathon", "Market",  "Mirror",   "Monitor", "Orchard",
    "Orchestra", "Painter", "Parade",  "Piano",    "Pilot",   "Puzzle",   "Racket",  "Railway",
    "Robot",     "Rocket",  "Saddle",  "Sailor",   "Theatre", "Tractor",  "Trumpet", "Workshop",
};
#define QUALITIES (sizeof qualities / sizeof *qualities)
#define THINGS (sizeof things / sizeof *things)
_Static_assert(QUALITIES == 64 && THINGS == 64, "a name for each of 4,096 classes");

static const char *const verticals[] = {
    "Arts & Entertainment",
    "Games",
    "Autos & Vehicles",
    "Computers & Electronics",
    "Food & Drink",
    "Business & Industrial",
    "Sports",
    "Pets & Animals",
    "Hobbies & Leisure",
    "Beauty & Fitness",
    "Shopping",
    "Home & Garden",
    "Travel",
    "Science",
    "Internet & Telecom",
    "People & Society",
    "Jobs & Education",
    "Law & Government",
    "Books & Literature",
    "Reference",
    "Real Estate",
    "Finance",
    "Health",
    "News",
    "(Unknown)",
};
_Static_assert(sizeof verticals / sizeof *verticals == 25, "as many as parameters.h allows");

size_t league_videos(const LeagueParameters *p, Partition partition)
{
    return partition == PARTITION_TRAIN   ? p->train_videos
        : partition == PARTITION_VALIDATE ? p->validate_videos
                                          : p->test_videos;
}

size_t league_shards(const LeagueParameters *p, Partition partition)
{
    return partition == PARTITION_TRAIN   ? p->train_shards
        : partition == PARTITION_VALIDATE ? p->validate_shards
                                          : p->test_shards;
}

VideoRange league_shard_videos(const LeagueParameters *p, Partition partition, size_t shard)
{
    uint64_t videos = league_videos(p, partition), shards = league_shards(p, partition);
    return (VideoRange){ shard * videos / shards, (shard + 1) * videos / shards };
}

size_t league_shard_of(const LeagueParameters *p, Partition partition, uint64_t video)
{
    size_t videos = league_videos(p, partition), shards = league_shards(p, partition);
    size_t shard = (size_t)(video * shards / videos); // or the one after it
    return video < league_shard_videos(p, partition, shard).end ? shard : shard + 1;
}

void league_suffix(char suffix[3], size_t shard)
{
    suffix[0] = alphabet[shard / LETTERS];
    suffix[1] = alphabet[shard % LETTERS];
    suffix[2] = 0;
}

void league_id(char id[LEAGUE_ID_BYTES + 1], const LeagueParameters *p, Partition partition,
               uint64_t video)
{
    size_t shard = league_shard_of(p, partition, video);
    uint64_t number = video - league_shard_videos(p, partition, shard).begin;
    for (Partition before = PARTITION_TRAIN; before < partition; before++)
        number += league_videos(p, before) / league_shards(p, before) + 1;
    size_t place =
        (size_t)philox_permute(philox_key(p->seed, "id"), shard, LEAGUE_MOST_SHARDS, number);
    league_suffix(id, place);
    league_suffix(id + 2, shard);
}

void league_class_name(char name[LEAGUE_NAME_BYTES], uint32_t class)
{
    // both words change from one class to the next
    snprintf(name, LEAGUE_NAME_BYTES, "%s %s", qualities[(class + class / THINGS) % QUALITIES],
             things[class % THINGS]);
}

void league_knowledge_graph_id(char id[LEAGUE_NAME_BYTES], uint32_t class)
{
    static const char digits[] = "0123456789bcdfghjklmnpqrstvwxyz_";
    uint32_t mixed = class * 2654435761u; // odd, so no two are equal
    char text[8] = "0";
    for (size_t i = 1; i < 7; i++, mixed >>= 5)
        text[i] = digits[mixed & 31];
    text[7] = 0;
    snprintf(id, LEAGUE_NAME_BYTES, "/m/%s", text);
}

const char *league_vertical_name(size_t vertical)
{
    return verticals[vertical];
}
