#include "common/data/layout.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char *const partitions[] = { "train", "validate", "test" };
static const char *const levels[] = { "any", "video", "frame", "segment" };

/* Where a partition may be under the root, first the official places; %s: the partition. */
static const struct {
    Level level; // LEVEL_ANY: the place doesn't say
    const char *folder;
} places[] = {
    { LEVEL_VIDEO, "2/video/%s" },
    { LEVEL_FRAME, "2/frame/%s" },
    { LEVEL_SEGMENT, "3/frame/%s" },
    { LEVEL_VIDEO, "video/%s" },
    { LEVEL_FRAME, "frame/%s" },
    { LEVEL_ANY, "%s" },
    { LEVEL_ANY, "." },
};
#define PLACES (sizeof places / sizeof *places)

Partition partition_of_word(const char *word)
{
    return strcmp(word, "train") == 0 ? PARTITION_TRAIN
        : strcmp(word, "test") == 0   ? PARTITION_TEST
                                      : PARTITION_VALIDATE;
}

Level level_of_word(const char *word)
{
    for (size_t i = 0; i < sizeof levels / sizeof *levels; i++)
        if (strcmp(levels[i], word) == 0)
            return (Level)i;
    return LEVEL_ANY;
}

const char *partition_word(Partition partition)
{
    return partitions[partition];
}

static bool ends_with(const char *text, const char *end)
{
    size_t length = strlen(text), tail = strlen(end);
    return length >= tail && strcmp(text + length - tail, end) == 0;
}

static bool is_shard(const char *name, const char *prefix)
{
    return strncmp(name, prefix, strlen(prefix)) == 0 && !strchr(name, '\n')
        && (ends_with(name, ".tfrecord") || ends_with(name, ".tfrecord.gz"));
}

static const char *place_path(size_t place, const char *root, Partition partition, Arena *arena,
                              Failure *failure)
{
    char inside[64];
    if (strcmp(places[place].folder, ".") == 0)
        return arena_copy(arena, root, strlen(root), failure);
    snprintf(inside, sizeof inside, places[place].folder, partitions[partition]);
    return arena_format(arena, failure, "%s/%s", root, inside);
}

static int by_bytes(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* Whether an entry of a folder is a plain file; asks the system only where the entry doesn't say. */
static bool is_plain_file(const char *folder, const struct dirent *entry)
{
    char path[4096];
    struct stat status;
    if (entry->d_type == DT_REG)
        return true;
    return snprintf(path, sizeof path, "%s/%s", folder, entry->d_name) < (int)sizeof path
        && stat(path, &status) == 0 && S_ISREG(status.st_mode);
}

/* The names of a partition's shards in one folder; none where there is no such folder. */
static bool list_folder(ShardList *shards, const char *folder, const char *prefix, Arena *arena,
                        Failure *failure)
{
    size_t capacity = 0;
    *shards = (ShardList){ .folder = folder };
    DIR *open = opendir(folder);
    if (!open)
        return true;
    bool ok = true;
    for (struct dirent *entry; ok && (entry = readdir(open));) {
        if (!is_shard(entry->d_name, prefix) || !is_plain_file(folder, entry))
            continue;
        if (shards->count == capacity) {
            const char **more;
            capacity = capacity ? 2 * capacity : 64;
            ok = arena_array(arena, more, capacity, failure);
            if (ok && shards->count)
                memcpy(more, shards->names, shards->count * sizeof *more);
            shards->names = more;
        }
        ok = ok
            && (shards->names[shards->count++] =
                    arena_copy(arena, entry->d_name, strlen(entry->d_name), failure));
    }
    closedir(open);
    if (shards->count)
        qsort(shards->names, shards->count, sizeof *shards->names, by_bytes);
    return ok;
}

/* Whether a place is asked for by a level. */
static bool place_fits(size_t place, Partition partition, Level level)
{
    if (level == LEVEL_SEGMENT && partition == PARTITION_TRAIN)
        level = LEVEL_FRAME;
    return level == LEVEL_ANY || places[place].level == LEVEL_ANY || places[place].level == level;
}

static bool refuse_two(const ShardList *one, const ShardList *other, Failure *failure)
{
    return fail(failure, EX_USAGE, "%s and %s both have shards; choose one with --level",
                one->folder, other->folder);
}

/* Say what is there instead of the shards that were asked for. */
static bool refuse_none(const char *root, Partition partition, Arena *arena, Failure *failure)
{
    struct stat status;
    ShardList found;
    char others[256] = "";
    if (stat(root, &status) != 0)
        return fail_errno(failure, EX_NOINPUT, "%s", root);
    if (!S_ISDIR(status.st_mode))
        return fail(failure, EX_NOINPUT, "%s: not a folder; name the folder of the dataset", root);
    for (size_t p = 0; p < 3; p++)
        for (size_t i = 0; i < PLACES; i++) {
            size_t length = strlen(others);
            const char *folder = place_path(i, root, (Partition)p, arena, failure);
            if (!folder || !list_folder(&found, folder, partitions[p], arena, failure))
                return false;
            if (found.count && length < sizeof others / 2)
                snprintf(others + length, sizeof others - length, "%s%zu of %s", length ? ", " : "",
                         found.count, partitions[p]);
        }
    return fail(failure, EX_NOINPUT,
                "%s: no shards %s*.tfrecord in it or in its 2/video, 2/frame "
                "and 3/frame; there are %s",
                root, partitions[partition], others[0] ? others : "none at all");
}

bool layout_shards(ShardList *shards, const char *root, Partition partition, Level level,
                   Arena *arena, Failure *failure)
{
    ShardList found;
    *shards = (ShardList){ 0 };
    for (size_t i = 0; i < PLACES; i++) {
        const char *folder = place_path(i, root, partition, arena, failure);
        if (!folder)
            return false;
        if (!place_fits(i, partition, level))
            continue;
        if (!list_folder(&found, folder, partitions[partition], arena, failure))
            return false;
        if (found.count && shards->count)
            return refuse_two(shards, &found, failure);
        if (found.count)
            *shards = found;
    }
    return shards->count || refuse_none(root, partition, arena, failure);
}

bool layout_locate(const char **folder, const char *root, Partition partition, const char *shard,
                   uint64_t size, Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < PLACES; i++) {
        struct stat status;
        *folder = place_path(i, root, partition, arena, failure);
        const char *path = *folder ? arena_format(arena, failure, "%s/%s", *folder, shard) : NULL;
        if (!path)
            return false;
        if (stat(path, &status) == 0 && (uint64_t)status.st_size == size)
            return true;
    }
    return fail(failure, EX_NOINPUT, "%s: has no shard %s of %llu bytes; index the folder again",
                root, shard, (unsigned long long)size);
}

bool layout_table(const char **path, const char *root, const char *name, Arena *arena,
                  Failure *failure)
{
    static const char *const folders[] = { "", "3/", "2/", "3/frame/", "2/frame/", "2/video/" };
    struct stat status;
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        *path = arena_format(arena, failure, "%s/%s%s", root, folders[i], name);
        if (!*path)
            return false;
        if (stat(*path, &status) == 0 && S_ISREG(status.st_mode))
            return true;
    }
    return fail(failure, EX_NOINPUT, "%s: has no %s; download it from the dataset's page", root,
                name);
}
