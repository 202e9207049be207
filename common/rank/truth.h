/*
 * Truth: which labels a video has, which segments were rated for which class.
 */
#ifndef PODIUM_RANK_TRUTH_H
#define PODIUM_RANK_TRUTH_H

#include "common/rank/text_table.h"

#define TRUTH_MOST_CLASSES ((uint32_t)1 << 20) // larger ones are taken for damage

/* Labels of videos. A video's number is its place in the order of the ids' bytes. */
typedef struct VideoTruth {
    TextTable ids;
    uint32_t *video_of_id;    // number in the table to number of the video
    size_t videos;            //
    uint64_t *label_first;    // [videos + 1]
    uint32_t *labels;         // ascending within a video, no repeats
    uint64_t *class_positive; // [classes]: videos that have the label
    uint32_t classes;         // one beyond the largest label
} VideoTruth;

/*
 * Parts of a truth that are scored each by itself, as the contest's public and private leaderboards
 * are: a rating is of one part. A truth that isn't divided is all of part 0, which has no name.
 */
typedef enum TruthPart { TRUTH_PUBLIC, TRUTH_PRIVATE, TRUTH_PARTS } TruthPart;

/* "public" or "private". */
const char *truth_part_name(TruthPart part);

/*
 * Ratings of segments by class. A segment is the text "ID:START", as submissions write it.
 * Within a class, a segment is rated once: of repeated ratings the later one stands, with its part.
 */
typedef struct SegmentTruth {
    TextTable segments;
    size_t parts;                           // 1: not divided, or TRUTH_PARTS
    uint32_t *classes;                      // [class_count], ascending
    size_t class_count;                     // classes with at least one rating
    uint64_t *rating_first;                 // [class_count + 1]
    uint32_t *rating_segment;               // number in the table
    uint8_t *rating_positive;               // 0 or 1
    uint8_t *rating_part;                   // below parts
    uint64_t *class_ratings[TRUTH_PARTS];   // [parts][class_count]
    uint64_t *class_positives[TRUTH_PARTS]; // [parts][class_count]
} SegmentTruth;

/* What a truth is built from, in any order. */
typedef struct VideoLabel {
    uint32_t video, class; // number of the id in the table
} VideoLabel;

typedef struct SegmentRating {
    uint32_t class, segment;
    uint32_t order; // of two ratings of one segment the one with the greater order stands
    uint32_t positive, part;
} SegmentRating;

/*
 * Build a truth from ids (already entered in truth->ids) and labels, which are sorted in place;
 * repeated labels of a video count once.
 */
bool video_truth_build(VideoTruth *truth, VideoLabel *labels, size_t count, Arena *arena,
                       Failure *failure);

/* The same for ratings, with truth->segments entered and truth->parts set. */
bool segment_truth_build(SegmentTruth *truth, SegmentRating *ratings, size_t count, Arena *arena,
                         Failure *failure);

/* The number of a video, or TEXT_NONE. */
static inline uint32_t video_truth_find(const VideoTruth *truth, const char *id, size_t length)
{
    uint32_t number = text_table_find(&truth->ids, id, length);
    return number == TEXT_NONE ? TEXT_NONE : truth->video_of_id[number];
}

/* Whether a video has a label. */
bool video_truth_has(const VideoTruth *truth, uint32_t video, uint32_t class);

/* The place of a class in truth->classes, or TEXT_NONE. */
uint32_t segment_truth_class(const SegmentTruth *truth, uint32_t class);

#endif
