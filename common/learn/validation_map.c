#include "common/learn/validation_map.h"
#include "common/rank/ranked.h"
#include "common/rank/truth_index.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The number in the index of the loader's i-th segment. */
static uint64_t segment_at(const ValidationMap *map, uint64_t i)
{
    return map->source->subset ? map->source->subset->segments[i] : i;
}

static uint32_t start_at(const ValidationMap *map, uint64_t i)
{
    const ShardIndex *index = map->source->index;
    return index->rating_start[index->segment_first[segment_at(map, i)]];
}

/* A segment to be put in order. */
typedef struct Named {
    const char *id;
    size_t length;
    uint32_t start, segment;
} Named;

static int by_id_and_start(const void *a, const void *b)
{
    const Named *x = a, *y = b;
    size_t least = x->length < y->length ? x->length : y->length;
    int order = memcmp(x->id, y->id, least);
    order = order ? order : (x->length > y->length) - (x->length < y->length);
    return order ? order : (x->start > y->start) - (x->start < y->start);
}

static bool order_segments(ValidationMap *map, size_t count, Arena *arena, Failure *failure)
{
    const ShardIndex *index = map->source->index;
    Named *named;
    if (!arena_array(arena, map->tie, count, failure)
        || !arena_array(arena, map->of_tie, count, failure))
        return false;
    Arena scratch = *arena;
    if (!arena_array(&scratch, named, count, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        uint64_t record = record_of_segment(index, segment_at(map, i));
        named[i] = (Named){ record_id(index, record), record_id_length(index, record),
                            start_at(map, i), (uint32_t)i };
    }
    qsort(named, count, sizeof *named, by_id_and_start);
    for (size_t place = 0; place < count; place++) {
        map->of_tie[place] = named[place].segment;
        map->tie[named[place].segment] = (uint32_t)place;
    }
    return true;
}

bool validation_map_create(ValidationMap *map, const LoaderSettings *loader, size_t classes,
                           Arena *arena, Failure *failure)
{
    uint64_t positives = 0, largest = 0;
    SegmentTruth *truth = &map->truth;
    *map = (ValidationMap){ .source = &loader->sources[0], .classes = classes };
    const Subset *subset = map->source->subset;
    if (!segment_truth_of_index(truth, map->source->index, subset ? subset->segments : NULL,
                                subset ? subset->segment_count : 0, arena, failure))
        return false;
    for (size_t class = 0; class < truth->class_count; class ++) {
        uint64_t ratings = truth->rating_first[class + 1] - truth->rating_first[class];
        positives += truth->class_positives[0][class];
        largest = ratings > largest ? ratings : largest;
    }
    if (positives == 0)
        return fail(failure, EX_DATAERR, "%s: no segment is rated positive: there is no MAP",
                    map->source->index->path);
    return order_segments(map, truth->segments.count, arena, failure)
        && arena_array(arena, map->score, truth->rating_first[truth->class_count], failure)
        && arena_array(arena, map->order, largest, failure)
        && arena_array(arena, map->listed, largest, failure);
}

void validation_map_begin(ValidationMap *map)
{
    uint64_t ratings = map->truth.rating_first[map->truth.class_count];
    for (uint64_t i = 0; i < ratings; i++)
        map->score[i] = NAN;
    map->next = 0;
}

/* The segment's number; those without a frame are in no batch, and are passed over. */
static uint32_t find_segment(ValidationMap *map, uint32_t record, uint32_t start)
{
    const ShardIndex *index = map->source->index;
    while (start_at(map, map->next) != start
           || record_of_segment(index, segment_at(map, map->next)) != record)
        map->next++;
    return (uint32_t)map->next++;
}

/* Where the truth has the rating of a segment for a class. */
static uint64_t find_rating(const SegmentTruth *truth, uint32_t class, uint32_t segment)
{
    uint64_t low = truth->rating_first[class], high = truth->rating_first[class + 1];
    while (high - low > 1) {
        uint64_t middle = low + (high - low) / 2;
        if (truth->rating_segment[middle] <= segment)
            low = middle;
        else
            high = middle;
    }
    assert(truth->rating_segment[low] == segment);
    return low;
}

bool validation_map_add(ValidationMap *map, const Batch *batch, const real *probabilities,
                        Failure *failure)
{
    for (size_t i = 0; i < batch->count; i++) {
        uint32_t segment = find_segment(map, batch->record[i], batch->start[i]);
        for (size_t j = batch->label_first[i]; j < batch->label_first[i + 1]; j++) {
            uint32_t class = segment_truth_class(&map->truth, batch->label_class[j]);
            float score = (float)probabilities[i * map->classes + batch->label_class[j]];
            if (!isfinite(score))
                return fail(failure, EX_DATAERR, "validation: a probability is not a number");
            map->score[find_rating(&map->truth, class, segment)] = score;
        }
    }
    return true;
}

static int descending(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x < y) - (x > y);
}

/* The segments of a class that have a score, best first; how many. */
static size_t list_class(ValidationMap *map, uint32_t class)
{
    const SegmentTruth *truth = &map->truth;
    size_t count = 0;
    for (uint64_t i = truth->rating_first[class]; i < truth->rating_first[class + 1]; i++)
        if (!isnan(map->score[i]))
            map->order[count++] = ranked(map->score[i], map->tie[truth->rating_segment[i]]);
    qsort(map->order, count, sizeof *map->order, descending);
    for (size_t i = 0; i < count; i++)
        map->listed[i] = map->of_tie[ranked_tie(map->order[i])];
    return count;
}

bool validation_map_value(ValidationMap *map, double *value, Arena scratch, Failure *failure)
{
    SegmentMap scored;
    SegmentMapResult result;
    if (!segment_map_open(&scored, &map->truth, VALIDATION_MAP_TOP, &scratch, failure))
        return false;
    for (uint32_t class = 0; class < map->truth.class_count; class ++)
        segment_map_add_list(&scored, class, map->listed, list_class(map, class));
    segment_map_finish(&scored, &result);
    *value = result.map;
    return true;
}
