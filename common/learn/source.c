#include "common/learn/source.h"
#include "common/base/parallel.h"

#define MOST_FRAMES ((size_t)300) // the loader's default

bool source_open(Source *source, const char *index, const char *part, const char *data,
                 Arena *arena, Failure *failure)
{
    *source = (Source){ 0 };
    if (!shard_index_open(&source->index, index, arena, failure))
        return false;
    source->has_part = part && subset_open(&source->part, part, &source->index, arena, failure);
    return (source->has_part || !part)
        && shard_index_folder(&source->folder, &source->index, data, arena, failure);
}

void source_close(Source *source)
{
    if (source->has_part)
        subset_close(&source->part);
    if (source->index.path)
        shard_index_close(&source->index);
    *source = (Source){ 0 };
}

LoaderSettings source_videos(const Source *source, const FeatureSpecs *features, size_t batch,
                             size_t classes)
{
    LoaderSettings settings = { .index = &source->index,
                                .subset = source->has_part ? &source->part : NULL,
                                .folder = source->folder,
                                .features = features,
                                .unit = LOAD_VIDEOS,
                                .batch = batch,
                                .classes = (uint32_t)classes,
                                .threads = parallel_thread_count() };
    settings.end = loader_size(&settings);
    return settings;
}

FeedBounds source_bounds(const Source *source, const LoaderSettings *settings)
{
    const ShardIndex *index = &source->index;
    size_t frames = 1, labels = 1;
    for (uint64_t record = 0; record < index->records; record++) {
        size_t own = index->label_first[record + 1] - index->label_first[record];
        labels = own > labels ? own : labels;
        frames = index->record_frames[record] > frames ? index->record_frames[record] : frames;
    }
    frames = frames > MOST_FRAMES ? MOST_FRAMES : frames;
    return (FeedBounds){ settings->batch, settings->batch * frames, settings->batch * labels };
}
