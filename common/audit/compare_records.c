#include "common/audit/difference.h"
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include <inttypes.h>
#include <string.h>

/* One record of each of two files, as a video. */
typedef struct VideoPair {
    Record record[2];
    Video video[2];
} VideoPair;

/* The values of a feature, one after another. */
typedef struct Values {
    uint8_t *bytes; // NULL: only counted
    size_t size;
} Values;

static void take(void *context, const void *bytes, size_t size)
{
    Values *values = context;
    if (values->bytes && size)
        memcpy(values->bytes + values->size, bytes, size);
    values->size += size;
}

static bool values_of(Values *values, const VideoFeature *feature, Arena *arena, Failure *failure)
{
    Values counted = { 0 };
    video_each(feature, take, &counted);
    *values = (Values){ 0 };
    if (!arena_array(arena, values->bytes, counted.size, failure))
        return false;
    video_each(feature, take, values);
    return true;
}

/* The place of a byte of a feature's values, in the feature's own terms, and what stands there. */
static void describe_byte(Difference *difference, const VideoFeature *feature, size_t at,
                          const uint8_t *a, const uint8_t *b)
{
    float ours, theirs;
    size_t value = at / sizeof(float) * sizeof(float);
    if (feature->is_frames && feature->width)
        differ_also(difference, ", frame %zu, byte %zu: %u and %u", at / feature->width,
                    at % feature->width, a[at], b[at]);
    else if (feature->is_floats) {
        memcpy(&ours, a + value, sizeof ours);
        memcpy(&theirs, b + value, sizeof theirs);
        differ_also(difference, ", value %zu: %.9g and %.9g", at / sizeof(float), (double)ours,
                    (double)theirs);
    } else
        differ_also(difference, ", byte %zu of its values: %u and %u", at, a[at], b[at]);
}

static bool compare_feature(Difference *difference, const VideoFeature *a, const VideoFeature *b,
                            Arena scratch, Failure *failure)
{
    Values ours, theirs;
    Excerpt name = excerpt_of(a->name, a->name_length);
    size_t at = 0;
    if (!values_of(&ours, a, &scratch, failure) || !values_of(&theirs, b, &scratch, failure))
        return false;
    size_t shorter = ours.size < theirs.size ? ours.size : theirs.size;
    while (at < shorter && ours.bytes[at] == theirs.bytes[at])
        at++;
    if (at == ours.size && at == theirs.size)
        return true;
    differ(difference, "feature %s", name.text);
    if (a->frames != b->frames)
        differ_also(difference, ": %zu and %zu frames", a->frames, b->frames);
    else if (a->width != b->width || at == shorter)
        differ_also(difference, ": %zu and %zu bytes", ours.size, theirs.size);
    else
        describe_byte(difference, a, at, ours.bytes, theirs.bytes);
    return true;
}

static const VideoFeature *find_feature(const Video *video, const VideoFeature *like)
{
    for (size_t i = 0; i < video->feature_count; i++) {
        const VideoFeature *feature = &video->features[i];
        if (feature->name_length == like->name_length
            && memcmp(feature->name, like->name, like->name_length) == 0)
            return feature;
    }
    return NULL;
}

static bool compare_features(Difference *difference, const VideoPair *pair, Arena scratch,
                             Failure *failure)
{
    const Video *a = &pair->video[0], *b = &pair->video[1];
    for (size_t i = 0; i < b->feature_count; i++)
        if (!find_feature(a, &b->features[i]))
            differ(difference, "feature %s is only in the second",
                   excerpt_of(b->features[i].name, b->features[i].name_length).text);
    for (size_t i = 0; i < a->feature_count && !difference->found; i++) {
        const VideoFeature *ours = &a->features[i], *theirs = find_feature(b, ours);
        if (!theirs)
            differ(difference, "feature %s is only in the first",
                   excerpt_of(ours->name, ours->name_length).text);
        else if (!compare_feature(difference, ours, theirs, scratch, failure))
            return false;
    }
    return true;
}

static void compare_labels(Difference *difference, const Video *a, const Video *b)
{
    size_t i = 0;
    while (i < a->label_count && i < b->label_count && a->labels[i] == b->labels[i])
        i++;
    if (i < a->label_count && i < b->label_count)
        differ(difference, "label %zu: %" PRId64 " and %" PRId64, i, a->labels[i], b->labels[i]);
    else if (a->label_count != b->label_count)
        differ(difference, "%zu and %zu labels", a->label_count, b->label_count);
}

static uint32_t bits_of(float x)
{
    uint32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

static bool same_rating(const Rating *a, const Rating *b)
{
    return a->start == b->start && a->end == b->end && a->label == b->label
        && bits_of(a->score) == bits_of(b->score);
}

static void compare_ratings(Difference *difference, const Video *a, const Video *b)
{
    size_t i = 0;
    while (i < a->rating_count && i < b->rating_count
           && same_rating(&a->ratings[i], &b->ratings[i]))
        i++;
    if (i < a->rating_count && i < b->rating_count) {
        const Rating *ours = &a->ratings[i], *theirs = &b->ratings[i];
        differ(difference,
               "segment %zu: class %" PRId64 " from second %" PRId64 " scored %.9g, and class "
               "%" PRId64 " from second %" PRId64 " scored %.9g",
               i, ours->label, ours->start, (double)ours->score, theirs->label, theirs->start,
               (double)theirs->score);
    } else if (a->rating_count != b->rating_count)
        differ(difference, "%zu and %zu rated segments", a->rating_count, b->rating_count);
}

static void compare_ids(Difference *difference, const Video *a, const Video *b)
{
    if (a->id_length != b->id_length || !a->id != !b->id
        || (a->id && memcmp(a->id, b->id, a->id_length) != 0))
        differ(difference, "id %s and %s", a->id ? excerpt_of(a->id, a->id_length).text : "none",
               b->id ? excerpt_of(b->id, b->id_length).text : "none");
}

/* In which of its values a video differs; false where a record is none. */
static bool compare_videos(Difference *difference, VideoPair *pair, Arena scratch, Failure *failure)
{
    for (size_t side = 0; side < 2; side++)
        if (!video_parse(&pair->video[side], pair->record[side].bytes, pair->record[side].size, "",
                         &scratch, failure))
            return false;
    compare_ids(difference, &pair->video[0], &pair->video[1]);
    compare_labels(difference, &pair->video[0], &pair->video[1]);
    compare_ratings(difference, &pair->video[0], &pair->video[1]);
    return compare_features(difference, pair, scratch, failure);
}

static void compare_payloads(Difference *difference, const Record record[2], Arena scratch)
{
    FilePair payloads = { { "the first", "the second" },
                          { { record[0].bytes, record[0].size },
                            { record[1].bytes, record[1].size } } };
    Failure none = { 0 };
    compare_bytes(difference, &payloads, scratch, &none);
}

static void describe(Difference *difference, VideoPair *pair, Arena scratch)
{
    Difference inside = { 0 };
    Failure none = { 0 };
    const Video *video = &pair->video[0];
    bool are_videos = compare_videos(&inside, pair, scratch, &none);
    compare_payloads(&inside, pair->record, scratch);
    differ(difference, "record %" PRIu64, pair->record[0].number);
    if (are_videos && video->id)
        differ_also(difference, " (%s)", excerpt_of(video->id, video->id_length).text);
    differ_also(difference, ", %s", inside.text);
}

static bool same_record(const Record record[2])
{
    return record[0].size == record[1].size
        && memcmp(record[0].bytes, record[1].bytes, record[0].size) == 0;
}

static bool compare_all(Difference *difference, TfrecordReader readers[2], Arena scratch,
                        Failure *failure)
{
    VideoPair pair;
    size_t count = 0, differing = 0;
    bool more[2];
    for (;; count++) {
        for (size_t side = 0; side < 2; side++)
            more[side] = tfrecord_next(&readers[side], &pair.record[side], failure);
        if (failure->code != EX_OK)
            return false;
        if (!more[0] || !more[1])
            break;
        if (same_record(pair.record))
            continue;
        differing++;
        if (!difference->found)
            describe(difference, &pair, scratch);
    }
    if (more[0] || more[1])
        differ(difference, "record %zu is only in %s", count, readers[more[1]].path);
    if (differing)
        differ_also(difference, "; %zu of %zu records differ", differing, count);
    return true;
}

bool compare_records(Difference *difference, const FilePair *pair, Arena scratch, Failure *failure)
{
    TfrecordReader readers[2] = { { 0 } };
    bool ok = tfrecord_open(&readers[0], pair->path[0], failure)
        && tfrecord_open(&readers[1], pair->path[1], failure)
        && compare_all(difference, readers, scratch, failure);
    tfrecord_close(&readers[0]);
    tfrecord_close(&readers[1]);
    return ok;
}
