/* What is learned from: which videos or segments, and which of their frames. */
#include "stages/train/training.h"

#include <string.h>

static bool is_same_index(const ShardIndex *a, const ShardIndex *b)
{
    char ours[SHA256_HEX_BYTES], theirs[SHA256_HEX_BYTES];
    shard_index_identity(a, ours);
    shard_index_identity(b, theirs);
    return strcmp(ours, theirs) == 0;
}

/* Two parts of one index have nothing in common; `verify` compares all others by their videos' ids. */
static bool check_hold_out(const Training *t, Failure *failure)
{
    const Source *held = &t->validation_source;
    for (size_t i = 0; held->has_part && i < t->source_count; i++) {
        const Source *source = &t->sources[i];
        if (source->has_part && is_same_index(&source->index, &held->index)
            && !subset_check_disjoint(&source->part, &held->part, &source->index, failure))
            return false;
    }
    return true;
}

static bool open_sources(Training *t, Failure *failure)
{
    Arena *arena = &t->stage->arena;
    const OptionValues *values = t->values;
    const OptionValue *indexes = option_entry(values, "index");
    const char *data = option_text(values, "data"), *first = indexes->values[0];
    const char *other = option_text(values, "validation-index"),
               *part = option_text(values, "validation-split");
    if (!sources_open(t->sources, &t->source_count, indexes, option_entry(values, "split"), data,
                      arena, failure))
        return false;
    if (other || part)
        return source_open(&t->validation_source, other ? other : first, part, data, arena, failure)
            && check_hold_out(t, failure);
    bool plateau = option_choice(values, "schedule") == SCHEDULE_PLATEAU;
    return (!plateau && !training_keeps_best(t))
        || fail(failure, EX_USAGE, "--%s needs --validation-split or --validation-index",
                plateau ? "schedule plateau" : "keep best");
}

/* Which frames samples have: down-sampled videos, or what --sample-frames says. */
static bool set_sampling(Training *t, Failure *failure)
{
    FrameSampling thinning, sampling;
    if (!frames_parse_thinning(&thinning, option_text(t->values, "downsample"), failure)
        || !frames_parse(&sampling, option_text(t->values, "sample-frames"), failure))
        return false;
    if (thinning.most > 1 && sampling.choice != FRAMES_ALL)
        return fail(failure, EX_USAGE,
                    "--downsample and --sample-frames: both say which frames; give one of them");
    if (sampling.choice != FRAMES_ALL && t->spec.model->level == MODEL_OF_VIDEOS)
        return fail(failure, EX_USAGE, "--sample-frames is for models of frames; %s reads means",
                    t->spec.model->name);
    bool thins = thinning.most > 1 && t->loader.unit == LOAD_VIDEOS;
    t->loader.sampling = thins ? thinning : sampling;
    return true;
}

/* Say what no batch will have, and refuse what would stop the run in its middle. */
static bool check_samples(Training *t, Failure *failure)
{
    if (!loader_check(&t->loader, &t->left_out, failure))
        return false;
    if (t->left_out)
        fprintf(stderr,
                "train: %llu of %llu samples begin behind their video's last frame and are "
                "left out\n",
                (unsigned long long)t->left_out, (unsigned long long)loader_size(&t->loader));
    return true;
}

/* Which samples a run sees: all epochs one after another, in batches that may span two. */
static bool set_loader(Training *t, Failure *failure)
{
    const OptionValues *values = t->values;
    size_t batch = option_size(values, "batch-size"), steps = option_size(values, "max-steps");
    LoaderSettings *loader = &t->loader;
    *loader = source_videos(t->sources, t->source_count, &t->spec.features, batch, t->spec.classes);
    loader->unit = training_of_segments(t) ? LOAD_RATED_SEGMENTS : LOAD_VIDEOS;
    loader->shuffle = true;
    loader->seed = option_size(values, "seed");
    loader->window = option_size(values, "shuffle-window");
    loader->end = loader_size(loader) * option_size(values, "epochs");
    if (steps && steps < loader->end / batch)
        loader->end = steps * batch;
    if (option_flag(values, "drop-last"))
        loader->end -= loader->end % batch;
    if (loader->end == 0)
        return fail(failure, EX_DATAERR, "%s: no %s to train on", t->sources[0].index.path,
                    training_of_segments(t) ? "rated segments" : "videos");
    return set_sampling(t, failure) && check_samples(t, failure);
}

bool training_open_samples(Training *t, Failure *failure)
{
    return open_sources(t, failure) && set_loader(t, failure);
}

bool training_samples_stayed(const Training *t, Failure *failure)
{
    Arena scratch = t->stage->arena;
    bool stayed = stage_inputs_stayed(t->stage, failure)
        && (!t->validation_source.folder || source_stayed(&t->validation_source, scratch, failure));
    for (size_t i = 0; stayed && i < t->source_count; i++)
        stayed = source_stayed(&t->sources[i], scratch, failure);
    return stayed;
}
