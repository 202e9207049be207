/*
 * Truths: labels of videos, and ratings of segments in all three forms.
 */
#include "harness.h"

#include "common/rank/segment_map.h"
#include "common/rank/truth_csv.h"

static void read_videos(Arena arena)
{
    Failure failure = { 0 };
    VideoTruth truth;
    bool ok = video_truth_read_csv(&truth, INPUT, &arena, &failure);
    check_outcome(ok, &failure);
    for (uint32_t i = 0; ok && i < truth.videos; i++) {
        const TextEntry *id = &truth.ids.entries[i];
        uint32_t video = video_truth_find(&truth, id->text, id->length);
        CHECK(video < truth.videos && truth.label_first[video] <= truth.label_first[video + 1]);
        for (uint64_t j = truth.label_first[video]; j < truth.label_first[video + 1]; j++)
            CHECK(truth.labels[j] < truth.classes
                  && video_truth_has(&truth, video, truth.labels[j]));
    }
}

static void read_segments(Arena arena)
{
    Failure failure = { 0 };
    SegmentTruth truth;
    SegmentMap map;
    SegmentMapResult result[TRUTH_PARTS];
    bool ok = segment_truth_read_csv(&truth, INPUT, &arena, &failure);
    check_outcome(ok, &failure);
    if (!ok)
        return;
    for (size_t i = 0; i < truth.class_count; i++) {
        CHECK(segment_truth_class(&truth, truth.classes[i]) == i);
        for (uint64_t j = truth.rating_first[i]; j < truth.rating_first[i + 1]; j++)
            CHECK(truth.rating_segment[j] < truth.segments.count && truth.rating_positive[j] <= 1
                  && truth.rating_part[j] < truth.parts);
    }
    CHECK(segment_map_open(&map, &truth, 100, &arena, &failure));
    segment_map_finish(&map, result);
}

static void try(const uint8_t *bytes, size_t size, Arena *arena)
{
    (void)bytes;
    (void)size;
    read_videos(*arena);
    read_segments(*arena);
}

/* A label may be as large as TRUTH_MOST_CLASSES, and counts of classes take 8 bytes each. */
const Harness harness = { "truth", try, NULL, 128, 12 << 20 };
