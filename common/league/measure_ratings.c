/*
 * What the ratings of a league are like: from the records of validate, from the truth of test.
 */
#include "common/league/measure.h"
#include "common/base/file.h"
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MOST_CLASSES ((size_t)8192) // a league has up to 25 * 64 parents and 3,900 leaves

typedef struct ClassRatings {
    uint32_t ratings, positives;
} ClassRatings;

typedef struct Counting {
    RatingCounts *counts;
    ClassRatings *classes;                   // [MOST_CLASSES]
    uint64_t video_ratings, video_positives; // of the video at hand
} Counting;

static void end_video(Counting *counting)
{
    uint64_t positives = counting->video_positives;
    if (counting->video_ratings) {
        counting->counts->videos++;
        counting->counts->equal += positives == 0 || positives == counting->video_ratings;
    }
    counting->video_ratings = counting->video_positives = 0;
}

static bool count_rating(Counting *counting, int64_t class, bool positive, const char *where,
                         Failure *failure)
{
    if (class < 0 || class >= (int64_t)MOST_CLASSES)
        return fail(failure, EX_DATAERR, "%s: class %lld is none", where, (long long)class);
    counting->classes[class].ratings++;
    counting->classes[class].positives += positive;
    counting->counts->ratings++;
    counting->counts->positives += positive;
    counting->video_ratings++;
    counting->video_positives += positive;
    return true;
}

/* Spread and range of the classes' shares. */
static void finish(Counting *counting)
{
    RatingCounts *counts = counting->counts;
    double sum = 0, square = 0;
    counts->least = 1;
    for (size_t c = 0; c < MOST_CLASSES; c++) {
        const ClassRatings *class = &counting->classes[c];
        if (class->ratings == 0)
            continue;
        double share = (double)class->positives / class->ratings;
        sum += share;
        square += share * share;
        counts->least = share < counts->least ? share : counts->least;
        counts->most = share > counts->most ? share : counts->most;
        counts->classes++;
    }
    double classes = (double)counts->classes;
    if (counts->classes > 1)
        counts->sd = sqrt((square - sum * sum / classes) / (classes - 1));
}

static bool count_records(Counting *counting, const char *path, Arena scratch, Failure *failure)
{
    TfrecordReader reader;
    Record record;
    Video video;
    char where[1100];
    if (!tfrecord_open(&reader, path, failure))
        return false;
    bool ok = true;
    while (ok && tfrecord_next(&reader, &record, failure)) {
        Arena own = scratch;
        snprintf(where, sizeof where, "%s:%llu", path, (unsigned long long)record.offset);
        ok = video_parse(&video, record.bytes, record.size, where, &own, failure);
        for (size_t i = 0; ok && i < video.rating_count; i++)
            ok = count_rating(counting, video.ratings[i].label, video.ratings[i].score > 0, where,
                              failure);
        end_video(counting);
    }
    tfrecord_close(&reader);
    return ok && failure->code == EX_OK;
}

bool measure_validate(RatingCounts *counts, const char *data, Arena *arena, Failure *failure)
{
    ShardList list;
    Counting counting = { .counts = counts };
    *counts = (RatingCounts){ 0 };
    if (!layout_shards(&list, data, PARTITION_VALIDATE, LEVEL_SEGMENT, arena, failure)
        || !arena_array(arena, counting.classes, MOST_CLASSES, failure))
        return false;
    for (size_t i = 0; i < list.count; i++) {
        const char *path = arena_format(arena, failure, "%s/%s", list.folder, list.names[i]);
        if (!path || !count_records(&counting, path, *arena, failure))
            return false;
    }
    finish(&counting);
    return true;
}

/* "VIDEO:START,CLASS,SCORE,PART": the video's length, the class, the score. */
static bool parse_line(const char *line, size_t *video, int64_t *class, bool *positive)
{
    char *end;
    *video = strcspn(line, ":\n");
    const char *comma = strpbrk(line, ",\n");
    if (line[*video] != ':' || !comma || *comma != ',' || comma[1] < '0' || comma[1] > '9')
        return false;
    *class = strtoll(comma + 1, &end, 10);
    if (end == comma + 1 || end[0] != ',' || (end[1] != '0' && end[1] != '1') || end[2] != ',')
        return false;
    *positive = end[1] == '1';
    return true;
}

/* Lines of one video stand together. */
static bool count_lines(Counting *counting, const char *text, const char *path, Failure *failure)
{
    const char *before = NULL;
    size_t before_length = 0, number = 1;
    for (const char *line = text; *line; number++) {
        char where[1100];
        size_t video;
        int64_t class;
        bool positive;
        snprintf(where, sizeof where, "%s:%zu", path, number);
        if (!parse_line(line, &video, &class, &positive))
            return fail(failure, EX_DATAERR, "%s: not VIDEO:START,CLASS,SCORE,PART", where);
        if (!before || video != before_length || memcmp(line, before, video) != 0)
            end_video(counting);
        before = line;
        before_length = video;
        if (!count_rating(counting, class, positive, where, failure))
            return false;
        line += strcspn(line, "\n");
        line += *line == '\n';
    }
    end_video(counting);
    return true;
}

bool measure_test(RatingCounts *counts, const char *data, Arena *arena, Failure *failure)
{
    Counting counting = { .counts = counts };
    const char *path = arena_format(arena, failure, "%s/truth.csv", data);
    char *text;
    size_t size;
    *counts = (RatingCounts){ 0 };
    if (!path || !file_read(path, arena, &text, &size, failure)
        || !arena_array(arena, counting.classes, MOST_CLASSES, failure)
        || !count_lines(&counting, text, path, failure))
        return false;
    finish(&counting);
    return true;
}
