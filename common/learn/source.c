#include "common/learn/source.h"
#include "common/base/parallel.h"

/* In the dataset's folder, or, of shards that a stage wrote, where they were indexed. */
static bool find_folder(Source *source, const char *data, Arena *arena, Failure *failure)
{
    Failure elsewhere = { 0 };
    return (data && shard_index_folder(&source->folder, &source->index, data, arena, &elsewhere))
        || shard_index_folder(&source->folder, &source->index, NULL, arena, failure) || !data
        || fail(failure, elsewhere.code, "%s", elsewhere.message);
}

bool source_open(Source *source, const char *index, const char *part, const char *data,
                 Arena *arena, Failure *failure)
{
    *source = (Source){ 0 };
    if (!shard_index_open(&source->index, index, arena, failure))
        return false;
    source->has_part = part && subset_open(&source->part, part, &source->index, arena, failure);
    return (source->has_part || !part) && find_folder(source, data, arena, failure)
        && shard_watch_begin(&source->watch, &source->index, source->folder, arena, failure);
}

bool source_stayed(const Source *source, Arena scratch, Failure *failure)
{
    return shard_watch_check(&source->watch, scratch, failure);
}

/* Give a part to the index that it was drawn from. */
static bool deal_part(Source sources[], size_t count, const char *part, Arena *arena,
                      Failure *failure)
{
    Failure refused = { 0 };
    for (size_t i = 0; i < count; i++) {
        Failure inner = { 0 };
        if (sources[i].has_part)
            continue;
        sources[i].has_part = subset_open(&sources[i].part, part, &sources[i].index, arena, &inner);
        if (sources[i].has_part)
            return true;
        refused = inner;
    }
    return fail(failure, refused.code ? refused.code : EX_USAGE, "%s",
                refused.code ? refused.message : "there are more parts than indexes");
}

bool sources_open(Source sources[], size_t *count, const OptionValue *indexes,
                  const OptionValue *parts, const char *data, Arena *arena, Failure *failure)
{
    *count = 0;
    if (indexes->count > LOADER_MOST_SOURCES)
        return fail(failure, EX_USAGE, "%zu indexes are too many; at most %d", indexes->count,
                    LOADER_MOST_SOURCES);
    for (size_t i = 0; i < indexes->count; i++) {
        ++*count;
        if (!source_open(&sources[i], indexes->values[i], NULL, data, arena, failure))
            return false;
    }
    for (size_t i = 0; i < parts->count; i++)
        if (!deal_part(sources, *count, parts->values[i], arena, failure))
            return false;
    return true;
}

void source_close(Source *source)
{
    if (source->has_part)
        subset_close(&source->part);
    if (source->index.path)
        shard_index_close(&source->index);
    *source = (Source){ 0 };
}

LoaderSettings source_videos(const Source sources[], size_t count, const FeatureSpecs *features,
                             size_t batch, size_t classes)
{
    LoaderSettings settings = { .source_count = count,
                                .features = features,
                                .unit = LOAD_VIDEOS,
                                .batch = batch,
                                .classes = (uint32_t)classes,
                                .threads = parallel_thread_count() };
    for (size_t i = 0; i < count; i++)
        settings.sources[i] =
            (LoaderSource){ &sources[i].index, sources[i].has_part ? &sources[i].part : NULL,
                            sources[i].folder };
    settings.end = loader_size(&settings);
    return settings;
}
