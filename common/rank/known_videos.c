#include "common/rank/known_videos.h"

bool known_videos_of_index(KnownVideos *known, const ShardIndex *index, const Subset *subset,
                           Arena *arena, Failure *failure)
{
    uint64_t count = subset ? subset->record_count : index->records;
    uint32_t *frames;
    if (!text_table_open(&known->ids, count, arena, failure)
        || !arena_array(arena, frames, count, failure))
        return false;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t record = subset ? subset->records[i] : i;
        const char *id = record_id(index, record);
        size_t length = record_id_length(index, record);
        frames[text_table_enter(&known->ids, id, length)] = index->record_frames[record];
        if (known->ids.count != i + 1)
            return fail(failure, EX_DATAERR,
                        "%s: video %.*s is there twice; index its shards again", index->path,
                        (int)length, id);
    }
    known->frames = frames;
    return true;
}
