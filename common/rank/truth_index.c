#include "common/rank/truth_index.h"

#include <stdlib.h>
#include <string.h>

/* Append the labels of a record, whose id is entered as number `video`. */
static bool take_labels(const ShardIndex *index, uint64_t record, uint32_t video,
                        VideoLabel *labels, uint64_t *count, Failure *failure)
{
    for (uint32_t i = index->label_first[record]; i < index->label_first[record + 1]; i++) {
        if (index->label_class[i] >= TRUTH_MOST_CLASSES)
            return fail(failure, EX_DATAERR, "%s: record %llu has label %u; labels are below %u",
                        index->path, (unsigned long long)record, index->label_class[i],
                        TRUTH_MOST_CLASSES);
        labels[(*count)++] = (VideoLabel){ video, index->label_class[i] };
    }
    return true;
}

bool video_truth_of_index(VideoTruth *truth, const ShardIndex *index, const uint32_t *records,
                          uint64_t count, Arena *arena, Failure *failure)
{
    uint64_t labels = 0, taken = 0;
    *truth = (VideoTruth){ 0 };
    count = records ? count : index->records;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t record = records ? records[i] : i;
        labels += index->label_first[record + 1] - index->label_first[record];
    }
    VideoLabel *list = malloc((labels + 1) * sizeof *list);
    bool ok = list || fail(failure, EX_OSERR, "out of memory for %zu labels", (size_t)labels);
    ok = ok && text_table_open(&truth->ids, count, arena, failure);
    for (uint64_t i = 0; ok && i < count; i++) {
        uint64_t record = records ? records[i] : i;
        size_t length = record_id_length(index, record);
        text_table_enter(&truth->ids, record_id(index, record), length);
        ok = truth->ids.count == i + 1
            ? take_labels(index, record, (uint32_t)i, list, &taken, failure)
            : fail(failure, EX_DATAERR, "%s: video %.*s is there twice; index its shards again",
                   index->path, (int)length, record_id(index, record));
    }
    ok = ok && video_truth_build(truth, list, taken, arena, failure);
    free(list);
    return ok;
}

/* Append the ratings of a segment, which is entered as number `number`. */
static bool take_ratings(const ShardIndex *index, uint64_t segment, uint32_t number,
                         SegmentRating *ratings, size_t *count, Failure *failure)
{
    for (uint32_t i = index->segment_first[segment]; i < index->segment_first[segment + 1]; i++) {
        if (index->rating_class[i] >= TRUTH_MOST_CLASSES)
            return fail(failure, EX_DATAERR,
                        "%s: segment %llu is rated for class %u; classes are below %u", index->path,
                        (unsigned long long)segment, index->rating_class[i], TRUTH_MOST_CLASSES);
        ratings[*count] = (SegmentRating){ .class = index->rating_class[i],
                                           .segment = number,
                                           .order = (uint32_t)*count,
                                           .positive = index->rating_score[i] > 0 };
        ++*count;
    }
    return true;
}

/* Enter the text of a segment: "ID:START". */
static bool enter_segment(SegmentTruth *truth, const ShardIndex *index, uint64_t segment,
                          Arena *arena, Failure *failure)
{
    uint64_t record = record_of_segment(index, segment);
    size_t before = truth->segments.count;
    const char *text =
        arena_format(arena, failure, "%.*s:%u", (int)record_id_length(index, record),
                     record_id(index, record), index->rating_start[index->segment_first[segment]]);
    if (!text)
        return false;
    text_table_enter(&truth->segments, text, strlen(text));
    return truth->segments.count > before
        || fail(failure, EX_DATAERR, "%s: segment %s is there twice; index its shards again",
                index->path, text);
}

bool segment_truth_of_index(SegmentTruth *truth, const ShardIndex *index, const uint32_t *segments,
                            uint64_t count, Arena *arena, Failure *failure)
{
    size_t ratings = 0, taken = 0;
    *truth = (SegmentTruth){ .parts = 1 };
    count = segments ? count : index->segments;
    for (uint64_t i = 0; i < count; i++) {
        uint64_t segment = segments ? segments[i] : i;
        ratings += index->segment_first[segment + 1] - index->segment_first[segment];
    }
    SegmentRating *list = malloc((ratings + 1) * sizeof *list);
    bool ok = list || fail(failure, EX_OSERR, "out of memory for %zu ratings", ratings);
    ok = ok && text_table_open(&truth->segments, count, arena, failure);
    for (uint64_t i = 0; ok && i < count; i++) {
        uint64_t segment = segments ? segments[i] : i;
        ok = enter_segment(truth, index, segment, arena, failure)
            && take_ratings(index, segment, (uint32_t)i, list, &taken, failure);
    }
    ok = ok && segment_truth_build(truth, list, taken, arena, failure);
    free(list);
    return ok;
}

bool records_predicted(uint32_t **records, uint64_t *count, const ShardIndex *index,
                       const Predictions *predictions, Arena *arena, Failure *failure)
{
    TextTable ids;
    *count = 0;
    if (!text_table_open(&ids, predictions->rows, arena, failure)
        || !arena_array(arena, *records, index->records, failure))
        return false;
    for (size_t row = 0; row < predictions->rows; row++)
        text_table_enter(&ids, prediction_id(predictions, row),
                         prediction_id_length(predictions, row));
    for (uint64_t record = 0; record < index->records; record++)
        if (text_table_find(&ids, record_id(index, record), record_id_length(index, record))
            != TEXT_NONE)
            (*records)[(*count)++] = (uint32_t)record;
    return true;
}
