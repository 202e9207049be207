#include "common/data/population.h"

#define SEGMENT ((size_t)LOADER_SEGMENT_FRAMES)

uint64_t population_of(const LoaderSettings *settings, size_t source)
{
    const LoaderSource *from = &settings->sources[source];
    bool rated = settings->unit == LOAD_RATED_SEGMENTS;
    if (settings->unit == LOAD_LISTED_SEGMENTS)
        return source == 0 ? settings->listed_count : 0;
    if (from->subset)
        return rated ? from->subset->segment_count : from->subset->record_count;
    return rated ? from->index->segments : from->index->records;
}

uint64_t loader_size(const LoaderSettings *settings)
{
    uint64_t size = 0;
    for (size_t i = 0; i < settings->source_count; i++)
        size += population_of(settings, i);
    return size;
}

static Item rated_segment(const LoaderSource *from, uint64_t place)
{
    uint64_t segment = from->subset ? from->subset->segments[place] : place;
    return (Item){ .record = (uint32_t)record_of_segment(from->index, segment),
                   .start = from->index->rating_start[from->index->segment_first[segment]],
                   .segment = segment };
}

Item population_item(const LoaderSettings *settings, uint64_t place)
{
    Item item = { 0 };
    uint32_t source = 0;
    for (uint64_t own; place >= (own = population_of(settings, source)); source++)
        place -= own;
    const LoaderSource *from = &settings->sources[source];
    if (settings->unit == LOAD_LISTED_SEGMENTS)
        item = (Item){ .record = settings->listed[place].record,
                       .start = settings->listed[place].start };
    else if (settings->unit == LOAD_RATED_SEGMENTS)
        item = rated_segment(from, place);
    else
        item.record = from->subset ? from->subset->records[place] : (uint32_t)place;
    item.source = source;
    return item;
}

/* The labels, or ratings, of an item: where they begin and end in the index's tables. */
static void labels_of(const LoaderSettings *settings, const Item *item, uint32_t *first,
                      uint32_t *end)
{
    const ShardIndex *index = settings->sources[item->source].index;
    *first = *end = 0;
    if (settings->unit == LOAD_VIDEOS) {
        *first = index->label_first[item->record];
        *end = index->label_first[item->record + 1];
    } else if (settings->unit == LOAD_RATED_SEGMENTS) {
        *first = index->segment_first[item->segment];
        *end = index->segment_first[item->segment + 1];
    }
}

/* Rows of one item, at most. */
static size_t rows_of_item(const LoaderSettings *settings, const Item *item)
{
    size_t most = settings->most_frames ? settings->most_frames : LOADER_MOST_FRAMES;
    size_t rows = settings->sources[item->source].index->record_frames[item->record];
    bool segment = settings->unit == LOAD_RATED_SEGMENTS || settings->unit == LOAD_LISTED_SEGMENTS;
    rows = rows < most ? rows : most;
    if (settings->unit == LOAD_ALL_SEGMENTS)
        return rows;
    if (segment)
        rows = item->start >= rows         ? 0
            : rows - item->start < SEGMENT ? rows - item->start
                                           : SEGMENT;
    return frames_bound(&settings->sampling, rows);
}

LoaderBounds loader_bounds(const LoaderSettings *settings)
{
    LoaderBounds most = { 1, 0, 0 };
    uint64_t size = loader_size(settings);
    for (uint64_t place = 0; place < size; place++) {
        Item item = population_item(settings, place);
        uint32_t first, end;
        size_t rows = rows_of_item(settings, &item);
        labels_of(settings, &item, &first, &end);
        most.rows = rows > most.rows ? rows : most.rows;
        most.labels = end - first > most.labels ? end - first : most.labels;
    }
    if (settings->unit == LOAD_ALL_SEGMENTS)
        most.samples = (most.rows + SEGMENT - 1) / SEGMENT;
    return (LoaderBounds){ settings->batch * most.samples, settings->batch * most.rows,
                           settings->batch * most.labels };
}

static bool check_label(const LoaderSettings *settings, const Item *item, uint32_t class,
                        float score, Failure *failure)
{
    const ShardIndex *index = settings->sources[item->source].index;
    int length = (int)record_id_length(index, item->record);
    const char *id = record_id(index, item->record);
    if (settings->classes && class >= settings->classes)
        return fail(failure, EX_DATAERR,
                    "%s: video %.*s has class %u, and the model has %u classes; train one with "
                    "--classes %u or more",
                    index->path, length, id, class, settings->classes, class + 1);
    return (score >= 0 && score <= 1)
        || fail(failure, EX_DATAERR,
                "%s: video %.*s, segment %u: class %u has the score %g, which is not in [0, 1]; "
                "make these shards again",
                index->path, length, id, item->start, class, score);
}

bool loader_check(const LoaderSettings *settings, uint64_t *left_out, Failure *failure)
{
    uint64_t size = loader_size(settings);
    *left_out = 0;
    for (uint64_t place = 0; place < size; place++) {
        Item item = population_item(settings, place);
        const ShardIndex *index = settings->sources[item.source].index;
        uint32_t first, end;
        labels_of(settings, &item, &first, &end);
        *left_out += rows_of_item(settings, &item) == 0;
        for (uint32_t i = first; i < end; i++)
            if (settings->unit == LOAD_VIDEOS
                    ? !check_label(settings, &item, index->label_class[i], 1, failure)
                    : !check_label(settings, &item, index->rating_class[i], index->rating_score[i],
                                   failure))
                return false;
    }
    return *left_out < size
        || fail(failure, EX_DATAERR, "%s: no sample has a frame: there is nothing to load",
                settings->sources[0].index->path);
}
