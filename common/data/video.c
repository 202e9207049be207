#include "common/data/video_wire.h"

#include <stdio.h>
#include <string.h>

#define CONTEXT 1       // SequenceExample.context, and Example.features
#define FEATURE_LISTS 2 // SequenceExample.feature_lists
#define MAP_ENTRY 1     // Features.feature and FeatureLists.feature_list
#define KEY 1           // of a map entry

/* The features of the context that say what a record is; all others are what models are fed from.
 */
typedef enum Special { ID, VIDEO_ID, LABELS, STARTS, ENDS, RATED, SCORES, SPECIALS } Special;

static const char *const special_names[SPECIALS] = { "id",
                                                     "video_id",
                                                     "labels",
                                                     "segment_start_times",
                                                     "segment_end_times",
                                                     "segment_labels",
                                                     "segment_scores" };

static const FeatureKind special_kinds[SPECIALS] = { FEATURE_BYTES,    FEATURE_BYTES,
                                                     FEATURE_INTEGERS, FEATURE_INTEGERS,
                                                     FEATURE_INTEGERS, FEATURE_INTEGERS,
                                                     FEATURE_FLOATS };

static const char *const kind_names[] = { "nothing", "byte strings", "floats", "integers" };

typedef struct Parse {
    Video *video;
    VideoFeature specials[SPECIALS]; // wire NULL: not there
    const uint8_t *payload;
    const char *where;
    Arena *arena;
    Failure *failure;
} Parse;

static bool malformed(Parse *parse, const Wire *wire)
{
    return fail(parse->failure, EX_DATAERR,
                "%s: byte %td of the record: %s; not a tf.Example or tf.SequenceExample",
                parse->where, wire->next - parse->payload, wire->problem);
}

/* A refusal that names a feature; what of a strange name can't be printed becomes '?'. */
static bool refuse(Parse *parse, const VideoFeature *feature, const char *what)
{
    char name[65];
    size_t length = feature->name_length < sizeof name ? feature->name_length : sizeof name - 1;
    for (size_t i = 0; i < length; i++)
        name[i] = feature->name[i] < ' ' || feature->name[i] > '~' ? '?' : feature->name[i];
    name[length] = 0;
    return fail(parse->failure, EX_DATAERR, "%s: feature %s %s", parse->where, name, what);
}

static bool has_name(const VideoFeature *feature, const char *name, size_t length)
{
    return feature->name_length == length && memcmp(feature->name, name, length) == 0;
}

/* Where a map entry of that name belongs: in its own place, in that of an earlier one, or anew. */
static VideoFeature *place_of(Parse *parse, const VideoFeature *entry)
{
    Video *video = parse->video;
    for (size_t i = 0; !entry->is_list && i < SPECIALS; i++)
        if (has_name(entry, special_names[i], strlen(special_names[i])))
            return &parse->specials[i];
    for (size_t i = 0; i < video->feature_count; i++)
        if (has_name(entry, video->features[i].name, video->features[i].name_length))
            return &video->features[i];
    if (video->feature_count == VIDEO_MOST_FEATURES)
        return NULL;
    return &video->features[video->feature_count++];
}

static bool take_entry(Parse *parse, const WireField *field, bool is_list)
{
    VideoFeature entry = {
        .name = "", .wire = field->bytes, .wire_size = field->size, .is_list = is_list
    };
    Wire wire = wire_inside(field);
    WireField part;
    while (wire_next(&wire, &part))
        if (part.number == KEY && part.type == WIRE_BYTES) {
            entry.name = (const char *)part.bytes;
            entry.name_length = part.size;
        }
    if (wire.problem)
        return malformed(parse, &wire);
    VideoFeature *place = place_of(parse, &entry);
    if (!place)
        return refuse(parse, &entry, "is one too many: a record may have 16");
    *place = entry;
    return true;
}

/* Find all map entries of one of the two maps. The last entry of a key is the one that counts. */
static bool take_map(Parse *parse, size_t size, uint32_t number)
{
    WireMerged map = wire_merged(wire_of(parse->payload, size), number);
    WireField field;
    while (wire_merged_next(&map, &field))
        if (field.number == MAP_ENTRY && field.type == WIRE_BYTES
            && !take_entry(parse, &field, number == FEATURE_LISTS))
            return false;
    return !wire_merged_problem(&map) || malformed(parse, wire_merged_problem(&map));
}

/* How many values a run holds. */
static size_t run_count(FeatureKind kind, const WireField *run)
{
    if (kind == FEATURE_FLOATS)
        return run->size / sizeof(float);
    return kind == FEATURE_BYTES || run->type == WIRE_VARINT
        ? 1
        : wire_count_varints(run->bytes, run->size);
}

/* Read all runs of a Feature: its kind, the number of its values, and the last run, if any. */
static bool measure(Parse *parse, WireMerged wire, FeatureKind *kind, size_t *count,
                    WireField *last)
{
    FeatureValues values = feature_values(wire);
    WireField run;
    *kind = values.kind;
    *count = 0;
    while (feature_next_run(&values, &run)) {
        *last = run; // looking for another one overwrites it, with a field that nobody knows
        *count += run_count(values.kind, last);
    }
    const Wire *problem = feature_problem(&values);
    return !problem || malformed(parse, problem);
}

/*
 * Go over frames that follow each other with the same tags and lengths as the one that was just
 * read: all frames of an ordinary record. The number of frames passed.
 */
static size_t pass_equal_frames(Wire *list, const uint8_t *begin, const WireField *frame)
{
    size_t count = 0, size = (size_t)(list->next - begin), head = (size_t)(frame->bytes - begin);
    if (frame->bytes + frame->size != list->next)
        return 0; // the frame doesn't end with its bytes
    while ((size_t)(list->end - list->next) >= size && memcmp(list->next, begin, head) == 0) {
        list->next += size;
        count++;
    }
    return count;
}

/* What the first frame of a list decides, and what the others must agree with. */
static bool check_frame(Parse *parse, VideoFeature *feature, FeatureKind kind, size_t values,
                        const WireField *frame)
{
    if (feature->frames == 0)
        feature->kind = kind;
    if (kind == FEATURE_ABSENT || kind != feature->kind)
        return refuse(parse, feature,
                      "has a frame without a value of its kind; make the shard again");
    if (kind != FEATURE_BYTES)
        return true;
    if (values != 1)
        return refuse(parse, feature,
                      "has a frame that is not one byte string; make the shard again");
    if (feature->frames == 0)
        feature->width = frame->size;
    return feature->width == frame->size
        || refuse(parse, feature, "has frames of different widths; make the shard again");
}

static bool read_list(Parse *parse, VideoFeature *feature)
{
    WireMerged list = video_value(feature);
    WireField element, frame = { 0 };
    FeatureKind kind;
    size_t values;
    while (video_next_element(&list, &element)) {
        if (!measure(parse, video_element(&element), &kind, &values, &frame)
            || !check_frame(parse, feature, kind, values, &frame))
            return false;
        bool first = feature->frames++ == 0;
        if (first)
            feature->first = frame.bytes;
        feature->distance = first ? (size_t)(list.inner.next - element.begin) : 0;
        if (kind == FEATURE_BYTES)
            feature->frames += pass_equal_frames(&list.inner, element.begin, &frame);
    }
    feature->is_frames = feature->kind == FEATURE_BYTES || feature->frames == 0;
    const Wire *problem = wire_merged_problem(&list);
    return !problem || malformed(parse, problem);
}

/* A feature of the context that is not special. */
static bool read_feature(Parse *parse, VideoFeature *feature)
{
    WireField run;
    size_t count;
    if (!measure(parse, video_value(feature), &feature->kind, &count, &run))
        return false;
    feature->is_floats = feature->kind == FEATURE_FLOATS;
    feature->frames = 1;
    feature->width = feature->is_floats ? count : 0;
    return true;
}

/* Read what the features hold; those of the context that hold nothing are dropped. */
static bool read_features(Parse *parse)
{
    Video *video = parse->video;
    size_t kept = 0;
    for (size_t i = 0; i < video->feature_count; i++) {
        VideoFeature *feature = &video->features[i];
        if (!(feature->is_list ? read_list(parse, feature) : read_feature(parse, feature)))
            return false;
        if (feature->is_list || feature->kind != FEATURE_ABSENT)
            video->features[kept++] = *feature;
    }
    video->feature_count = kept;
    return true;
}

/* Measure a special feature; count 0 where it is not there. */
static bool read_special(Parse *parse, Special special, size_t *count, WireField *last)
{
    char what[80];
    VideoFeature *feature = &parse->specials[special];
    *count = 0;
    if (!feature->wire)
        return true;
    if (!measure(parse, video_value(feature), &feature->kind, count, last))
        return false;
    if (feature->kind == special_kinds[special] || feature->kind == FEATURE_ABSENT)
        return true;
    snprintf(what, sizeof what, "holds %s, not %s; make the shard again", kind_names[feature->kind],
             kind_names[special_kinds[special]]);
    return refuse(parse, feature, what);
}

static bool read_id(Parse *parse)
{
    size_t count = 0;
    WireField id;
    for (Special special = ID; special <= VIDEO_ID && count == 0; special++) {
        if (!read_special(parse, special, &count, &id))
            return false;
        if (count > 1)
            return refuse(parse, &parse->specials[special], "has several values; an id is one");
    }
    if (count) {
        parse->video->id = (const char *)id.bytes;
        parse->video->id_length = id.size;
    }
    return true;
}

/* Where a column of numbers goes: value i to to + i * stride. */
typedef struct Column {
    char *to;
    size_t stride;
} Column;

static void put(Column *column, const void *value, size_t size)
{
    memcpy(column->to, value, size);
    column->to += column->stride;
}

/* Copy the integers of a feature; false where a packed run ends inside one. */
static bool copy_integers(Parse *parse, Special special, Column column)
{
    uint64_t value;
    WireField run;
    FeatureValues values = feature_values(video_value(&parse->specials[special]));
    while (feature_next_run(&values, &run)) {
        if (run.type == WIRE_VARINT) {
            put(&column, &run.value, sizeof run.value);
            continue;
        }
        Wire packed = wire_inside(&run);
        while (wire_varint(&packed, &value))
            put(&column, &value, sizeof value);
        if (packed.problem)
            return malformed(parse, &packed);
    }
    return true;
}

static void copy_floats(WireMerged feature, Column column)
{
    WireField run;
    FeatureValues values = feature_values(feature);
    while (feature_next_run(&values, &run))
        for (size_t i = 0; i < run.size; i += sizeof(float))
            put(&column, run.bytes + i, sizeof(float));
}

static bool read_labels(Parse *parse)
{
    Video *video = parse->video;
    WireField last;
    if (!read_special(parse, LABELS, &video->label_count, &last)
        || !arena_array(parse->arena, video->labels, video->label_count, parse->failure))
        return false;
    return !parse->specials[LABELS].wire
        || copy_integers(parse, LABELS, (Column){ (char *)video->labels, sizeof *video->labels });
}

static bool read_ratings(Parse *parse)
{
    Video *video = parse->video;
    size_t counts[SPECIALS];
    WireField last;
    for (Special special = STARTS; special <= SCORES; special++)
        if (!read_special(parse, special, &counts[special], &last))
            return false;
    for (Special special = ENDS; special <= SCORES; special++)
        if (counts[special] != counts[STARTS])
            return fail(parse->failure, EX_DATAERR, "%s: %zu %s but %zu %s; make the shard again",
                        parse->where, counts[STARTS], special_names[STARTS], counts[special],
                        special_names[special]);
    if (!arena_array(parse->arena, video->ratings, counts[STARTS], parse->failure))
        return false;
    video->rating_count = counts[STARTS];
    if (video->rating_count == 0)
        return true;
    const size_t stride = sizeof *video->ratings;
    copy_floats(video_value(&parse->specials[SCORES]),
                (Column){ (char *)&video->ratings->score, stride });
    return copy_integers(parse, STARTS, (Column){ (char *)&video->ratings->start, stride })
        && copy_integers(parse, ENDS, (Column){ (char *)&video->ratings->end, stride })
        && copy_integers(parse, RATED, (Column){ (char *)&video->ratings->label, stride });
}

bool video_parse(Video *video, const uint8_t *payload, size_t size, const char *where, Arena *arena,
                 Failure *failure)
{
    Parse parse = {
        .video = video, .payload = payload, .where = where, .arena = arena, .failure = failure
    };
    video->id = NULL;
    video->id_length = video->label_count = video->rating_count = video->feature_count = 0;
    return take_map(&parse, size, CONTEXT) && take_map(&parse, size, FEATURE_LISTS)
        && read_features(&parse) && read_id(&parse) && read_labels(&parse) && read_ratings(&parse);
}

const VideoFeature *video_feature(const Video *video, const char *name)
{
    for (size_t i = 0; i < video->feature_count; i++)
        if (has_name(&video->features[i], name, strlen(name)))
            return &video->features[i];
    return NULL;
}
