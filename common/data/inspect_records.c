#include "common/data/inspect.h"
#include "common/base/json_text.h"
#include "common/data/tfrecord.h"
#include "common/data/video.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int compare_names(const void *a, const void *b)
{
    const VideoFeature *x = a, *y = b;
    size_t shorter = x->name_length < y->name_length ? x->name_length : y->name_length;
    int order = memcmp(x->name, y->name, shorter);
    return order ? order : (x->name_length > y->name_length) - (x->name_length < y->name_length);
}

/* The bytes of a feature's values, hashed and counted. */
typedef struct Sum {
    Sha256 hash;
    size_t size;
} Sum;

static void add(void *context, const void *bytes, size_t size)
{
    Sum *sum = context;
    sha256_add(&sum->hash, bytes, size);
    sum->size += size;
}

static void print_feature(const VideoFeature *feature, FILE *to)
{
    Sum sum = { .size = 0 };
    char hex[SHA256_HEX_BYTES];
    sha256_begin(&sum.hash);
    video_each(feature, add, &sum);
    sha256_end(&sum.hash, hex);
    json_text_string(to, feature->name, feature->name_length);
    fprintf(to, ":{\"frames\":%zu,\"bytes\":%zu,\"sha256\":\"%s\"}", feature->frames,
            feature->frames ? sum.size / feature->frames : 0, hex);
}

/* The frames of a video: those of its longest list; a record of mean features is one. */
static size_t frame_count(const Video *video)
{
    bool lists = false;
    size_t most = 0;
    for (size_t i = 0; i < video->feature_count; i++) {
        const VideoFeature *feature = &video->features[i];
        lists |= feature->is_list;
        if (feature->is_list && feature->frames > most)
            most = feature->frames;
    }
    return lists ? most : video->feature_count > 0;
}

static void print_labels(const Video *video, FILE *to)
{
    fputs("\"labels\":[", to);
    for (size_t i = 0; i < video->label_count; i++)
        fprintf(to, "%s%" PRId64, i ? "," : "", video->labels[i]);
    fputs("],", to);
}

static void print_ratings(const Video *video, FILE *to)
{
    fputs("\"segments\":[", to);
    for (size_t i = 0; i < video->rating_count; i++) {
        const Rating *rating = &video->ratings[i];
        fprintf(to, "%s{\"start\":%" PRId64 ",\"end\":%" PRId64 ",\"label\":%" PRId64 ",\"score\":",
                i ? "," : "", rating->start, rating->end, rating->label);
        json_text_float(to, rating->score);
        putc('}', to);
    }
    putc(']', to);
}

/* One object on one line; features by name, since their order in a record means nothing. */
static void print_video(Video *video, FILE *to)
{
    fputs("{\"id\":", to);
    if (video->id)
        json_text_string(to, video->id, video->id_length);
    else
        fputs("null", to);
    fprintf(to, ",\"frames\":%zu,", frame_count(video));
    print_labels(video, to);
    qsort(video->features, video->feature_count, sizeof *video->features, compare_names);
    fputs("\"features\":{", to);
    for (size_t i = 0; i < video->feature_count; i++) {
        if (i)
            putc(',', to);
        print_feature(&video->features[i], to);
    }
    fputs("},", to);
    print_ratings(video, to);
    fputs("}\n", to);
}

static bool print_record(const char *path, const Record *record, FILE *to, Arena scratch,
                         Failure *failure)
{
    Video video;
    const char *where = arena_format(&scratch, failure, "%s:%" PRIu64, path, record->offset);
    if (!where || !video_parse(&video, record->bytes, record->size, where, &scratch, failure))
        return false;
    print_video(&video, to);
    return inspect_goes_on(to, failure);
}

/* Go over the records before the first; their payloads are not read. */
static bool skip(TfrecordReader *reader, uint64_t first, Failure *failure)
{
    Record record;
    uint32_t checksum;
    while (reader->count < first && tfrecord_next_frame(reader, &record, &checksum, failure))
        ;
    return failure->code == EX_OK;
}

bool inspect_records(const char *path, InspectRange range, FILE *to, Arena scratch,
                     Failure *failure)
{
    TfrecordReader reader;
    Record record;
    uint64_t end = range.given ? range.end : UINT64_MAX;
    bool ok = tfrecord_open(&reader, path, failure)
        && skip(&reader, range.given ? range.first : 0, failure);
    while (ok && reader.count < end && tfrecord_next(&reader, &record, failure))
        ok = print_record(path, &record, to, scratch, failure);
    tfrecord_close(&reader);
    return ok && failure->code == EX_OK;
}
