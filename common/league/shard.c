#include "common/league/shard.h"
#include "common/data/tfrecord.h"
#include "common/data/video_write.h"
#include "common/league/names.h"
#include "common/league/render.h"

#include <inttypes.h>
#include <stdio.h>

static const char *const folders[SHARD_KINDS] = { "2/video", "2/frame", "3/frame", "hidden" };

void shard_file_name(char name[SHARD_NAME_BYTES], Partition partition, ShardKind kind, size_t shard)
{
    char suffix[3];
    const char *word = partition_word(partition);
    league_suffix(suffix, shard);
    if (kind == SHARD_HIDDEN)
        snprintf(name, SHARD_NAME_BYTES, "%s/%s%s.csv", folders[kind], word, suffix);
    else
        snprintf(name, SHARD_NAME_BYTES, "%s/%s/%s%s.tfrecord", folders[kind], word, word, suffix);
}

bool shard_kind_exists(Partition partition, ShardKind kind)
{
    return kind != SHARD_SEGMENT || partition != PARTITION_TRAIN;
}

static bool write_record(AtomicFile *file, const VideoContent *content, Arena scratch,
                         Failure *failure)
{
    const uint8_t *payload;
    size_t size;
    return video_write(content, &scratch, &payload, &size, failure)
        && tfrecord_append(file, payload, size, failure);
}

static bool write_hidden(AtomicFile *file, const VideoPlan *plan, const char *id, Failure *failure)
{
    bool ok = atomic_file_print(file, failure, "%s,", id);
    for (size_t i = 0; ok && i < plan->truth_count; i++)
        ok = atomic_file_print(file, failure, "%s%" PRId64, i ? " " : "", plan->truth[i]);
    return ok && atomic_file_write(file, "\n", 1, failure);
}

static bool write_kind(AtomicFile *file, ShardKind kind, Partition partition, const VideoPlan *plan,
                       const Frames *frames, const char *id, Arena scratch, Failure *failure)
{
    bool means = kind == SHARD_VIDEO, test = partition == PARTITION_TEST;
    bool rated = kind == SHARD_SEGMENT && !test;
    const VideoColumn mean[] = {
        { .name = "mean_rgb", .width = LEAGUE_RGB, .floats = frames->mean },
        { .name = "mean_audio", .width = LEAGUE_AUDIO, .floats = frames->mean + LEAGUE_RGB },
    };
    const VideoColumn rows[] = {
        { "rgb", plan->frames, LEAGUE_RGB, frames->rgb, NULL },
        { "audio", plan->frames, LEAGUE_AUDIO, frames->audio, NULL },
    };
    VideoContent content = {
        .id = id,
        .id_length = LEAGUE_ID_BYTES,
        .labels = plan->labels,
        .label_count = test ? 0 : plan->label_count,
        .ratings = plan->ratings,
        .rating_count = rated ? plan->rating_count : 0,
        .columns = means ? mean : rows,
        .column_count = 2,
    };
    return kind == SHARD_HIDDEN ? write_hidden(file, plan, id, failure)
                                : write_record(file, &content, scratch, failure);
}

static bool write_video(AtomicFile *const files[], const World *world, Partition partition,
                        uint64_t number, VideoPlan *plan, Frames *frames, Arena scratch,
                        Failure *failure)
{
    char id[LEAGUE_ID_BYTES + 1];
    league_id(id, &world->parameters, partition, number);
    if (!plan_video(plan, world, partition, number, scratch, failure))
        return false;
    if (files[SHARD_VIDEO] || files[SHARD_FRAME] || files[SHARD_SEGMENT])
        render_video(frames, world, plan);
    for (size_t kind = 0; kind < SHARD_KINDS; kind++)
        if (files[kind]
            && !write_kind(files[kind], (ShardKind)kind, partition, plan, frames, id, scratch,
                           failure))
            return false;
    return true;
}

bool shard_write(AtomicFile *const files[], const World *world, Partition partition, size_t shard,
                 ShardGoOn *go_on, void *context, Failure *failure)
{
    Arena arena = { 0 };
    VideoPlan *plan;
    Frames frames;
    VideoRange videos = league_shard_videos(&world->parameters, partition, shard);
    bool ok = arena_open(&arena, ARENA_LARGE, failure) && arena_array(&arena, plan, 1, failure)
        && frames_create(&frames, &arena, failure);
    for (uint64_t i = videos.begin; ok && i < videos.end; i++)
        ok = write_video(files, world, partition, i, plan, &frames, arena, failure)
            && go_on(context, failure);
    arena_close(&arena);
    return ok;
}
