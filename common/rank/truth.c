#include "common/rank/truth.h"

#include <stdlib.h>

static int by_video_then_class(const void *a, const void *b)
{
    const VideoLabel *x = a, *y = b;
    int order = (x->video > y->video) - (x->video < y->video);
    return order ? order : (x->class > y->class) - (x->class < y->class);
}

bool video_truth_build(VideoTruth *truth, VideoLabel *labels, size_t count, Arena *arena,
                       Failure *failure)
{
    size_t video = 0, kept = 0;
    truth->videos = truth->ids.count;
    if (!text_table_ranks(&truth->ids, &truth->video_of_id, arena, failure)
        || !arena_array(arena, truth->label_first, truth->videos + 1, failure)
        || !arena_array(arena, truth->labels, count, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        labels[i].video = truth->video_of_id[labels[i].video];
        truth->classes = labels[i].class >= truth->classes ? labels[i].class + 1 : truth->classes;
    }
    if (!arena_array(arena, truth->class_positive, truth->classes, failure))
        return false;
    if (count > 0)
        qsort(labels, count, sizeof *labels, by_video_then_class);
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && by_video_then_class(&labels[i], &labels[i - 1]) == 0)
            continue;
        while (video <= labels[i].video)
            truth->label_first[video++] = kept;
        truth->labels[kept++] = labels[i].class;
        truth->class_positive[labels[i].class]++;
    }
    while (video <= truth->videos)
        truth->label_first[video++] = kept;
    return true;
}

bool video_truth_has(const VideoTruth *truth, uint32_t video, uint32_t class)
{
    for (uint64_t i = truth->label_first[video]; i < truth->label_first[video + 1]; i++)
        if (truth->labels[i] == class)
            return true;
    return false;
}

const char *truth_part_name(TruthPart part)
{
    return part == TRUTH_PUBLIC ? "public" : "private";
}

static int by_class_segment_order(const void *a, const void *b)
{
    const SegmentRating *x = a, *y = b;
    int order = (x->class > y->class) - (x->class < y->class);
    order = order ? order : (x->segment > y->segment) - (x->segment < y->segment);
    return order ? order : (x->order > y->order) - (x->order < y->order);
}

static bool same_rating(const SegmentRating *a, const SegmentRating *b)
{
    return a->class == b->class && a->segment == b->segment;
}

/* Room for the tables of truth->class_count classes. */
static bool reserve_ratings(SegmentTruth *truth, size_t ratings, Arena *arena, Failure *failure)
{
    size_t classes = truth->class_count;
    for (size_t part = 0; part < truth->parts; part++)
        if (!arena_array(arena, truth->class_ratings[part], classes, failure)
            || !arena_array(arena, truth->class_positives[part], classes, failure))
            return false;
    return arena_array(arena, truth->classes, classes, failure)
        && arena_array(arena, truth->rating_first, classes + 1, failure)
        && arena_array(arena, truth->rating_segment, ratings, failure)
        && arena_array(arena, truth->rating_part, ratings, failure)
        && arena_array(arena, truth->rating_positive, ratings, failure);
}

bool segment_truth_build(SegmentTruth *truth, SegmentRating *ratings, size_t count, Arena *arena,
                         Failure *failure)
{
    size_t classes = 0, kept = 0;
    if (count > 0)
        qsort(ratings, count, sizeof *ratings, by_class_segment_order);
    for (size_t i = 0; i < count; i++)
        classes += i == 0 || ratings[i].class != ratings[i - 1].class;
    truth->class_count = classes;
    if (!reserve_ratings(truth, count, arena, failure))
        return false;
    classes = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || ratings[i].class != ratings[i - 1].class) {
            truth->classes[classes] = ratings[i].class;
            truth->rating_first[classes++] = kept;
        }
        if (i + 1 < count && same_rating(&ratings[i], &ratings[i + 1]))
            continue; // a later rating stands
        truth->rating_segment[kept] = ratings[i].segment;
        truth->rating_part[kept] = (uint8_t)ratings[i].part;
        truth->rating_positive[kept++] = (uint8_t)ratings[i].positive;
        truth->class_ratings[ratings[i].part][classes - 1]++;
        truth->class_positives[ratings[i].part][classes - 1] += ratings[i].positive;
    }
    truth->rating_first[classes] = kept;
    return true;
}

uint32_t segment_truth_class(const SegmentTruth *truth, uint32_t class)
{
    size_t low = 0, high = truth->class_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (truth->classes[middle] < class)
            low = middle + 1;
        else
            high = middle;
    }
    return low < truth->class_count && truth->classes[low] == class ? (uint32_t)low : TEXT_NONE;
}
