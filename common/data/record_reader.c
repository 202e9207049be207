#include "common/data/record_reader.h"

#include <string.h>

static bool read_record(RecordReader *reader, Arena *scratch, Failure *failure)
{
    const ShardIndex *index = reader->cache->index;
    const Video *video;
    uint64_t offset = index->record_offset[reader->record];
    reader->where =
        arena_format(scratch, failure, "%s:%llu", reader->shard->path, (unsigned long long)offset);
    if (!reader->where || !arena_array(scratch, reader->video, 1, failure)
        || !tfrecord_at(reader->shard, offset, &reader->bytes, failure)
        || !video_parse(reader->video, reader->bytes.bytes, reader->bytes.size, reader->where,
                        scratch, failure))
        return false;
    video = reader->video;
    return (video->id && video->id_length == record_id_length(index, reader->record)
            && memcmp(video->id, record_id(index, reader->record), video->id_length) == 0)
        || fail(failure, EX_DATAERR, "%s: not the record that was indexed; index it again",
                reader->where);
}

static bool find_features(RecordReader *reader, const FeatureSpecs *specs, bool frames,
                          Failure *failure)
{
    for (size_t i = 0; i < specs->count; i++) {
        const FeatureSpec *spec = &specs->features[i];
        const VideoFeature *feature = reader->feature[i] = video_feature(reader->video, spec->name);
        if (!feature)
            return fail(failure, EX_DATAERR, "%s: the record has no feature %s; see --features",
                        reader->where, spec->name);
        if (frames ? !feature->is_frames : !feature->is_floats)
            return fail(failure, EX_DATAERR,
                        "%s: feature %s is no list of %s, as others are; see "
                        "--features",
                        reader->where, spec->name, frames ? "frames" : "floats");
        if (feature->width != spec->width && !(frames && feature->frames == 0))
            return fail(failure, EX_DATAERR,
                        "%s: feature %s has %zu values, not %zu; see --features", reader->where,
                        spec->name, feature->width, spec->width);
    }
    return true;
}

bool record_open(RecordReader *reader, ShardCache *cache, uint32_t record,
                 const FeatureSpecs *features, bool frames, Arena scratch, Failure *failure)
{
    if (reader->cache == cache && reader->record == record)
        return true;
    record_close(reader);
    const TfrecordReader *shard =
        shard_cache_take(cache, shard_of_record(cache->index, record), failure);
    if (!shard)
        return false;
    *reader = (RecordReader){ .cache = cache, .record = record, .shard = shard };
    if (read_record(reader, &scratch, failure) && find_features(reader, features, frames, failure))
        return true;
    record_close(reader);
    return false;
}

void record_close(RecordReader *reader)
{
    if (!reader->cache)
        return;
    shard_cache_release(reader->cache, shard_of_record(reader->cache->index, reader->record),
                        reader->bytes.size);
    *reader = (RecordReader){ 0 };
}

size_t record_frames(const RecordReader *reader, const FeatureSpecs *features, bool frames,
                     size_t most)
{
    size_t least = frames ? most : 1;
    for (size_t i = 0; frames && i < features->count; i++)
        if (reader->feature[i]->frames < least)
            least = reader->feature[i]->frames;
    return least;
}
