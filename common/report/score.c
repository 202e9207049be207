#include "common/report/score.h"
#include "common/base/file.h"

#include <jansson.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define DEEPEST 4 // objects within objects; what evaluations write has one or two

typedef struct Reader {
    Scores *scores;
    const char *path;
    Arena *arena;
    Failure *failure;
} Reader;

static const char *const names[METRICS] = { "gap",        "hit_at_1",    "perr",  "map",
                                            "map-public", "map-private", "weight" };
static const char *const headings[METRICS] = { "GAP",        "Hit@1",       "PERR",  "MAP",
                                               "MAP public", "MAP private", "weight" };

const char *metric_name(Metric metric)
{
    return names[metric];
}

const char *metric_heading(Metric metric, const Score *score, char text[32])
{
    bool cut = metric == METRIC_GAP || (metric == METRIC_MAP && score->of_segments);
    if (cut && score->top)
        snprintf(text, 32, "%s@%llu", headings[metric], (unsigned long long)score->top);
    else
        snprintf(text, 32, "%s", headings[metric]);
    return text;
}

bool scores_begin(Scores *scores, Arena *arena, Failure *failure)
{
    *scores = (Scores){ 0 };
    return arena_array(arena, scores->rows, SCORE_MOST_ROWS, failure);
}

char *stem_of(const char *path, Arena *arena, Failure *failure)
{
    const char *name = path_name(path);
    return arena_copy(arena, name, strcspn(name, "."), failure);
}

/* The object that a metric's value stands in: that of its part. */
static const json_t *place_of(const json_t *object, Metric metric)
{
    const json_t *parts = json_object_get(object, "parts");
    if (metric == METRIC_MAP_PUBLIC)
        return json_object_get(parts, "public");
    if (metric == METRIC_MAP_PRIVATE)
        return json_object_get(parts, "private");
    return object;
}

static bool is_part(Metric metric)
{
    return metric == METRIC_MAP_PUBLIC || metric == METRIC_MAP_PRIVATE;
}

static uint64_t read_count(const json_t *object, const char *name)
{
    json_int_t value = json_integer_value(json_object_get(object, name));
    return value > 0 ? (uint64_t)value : 0;
}

static bool read_metric(Score *score, Metric metric, const json_t *object, const Reader *reader)
{
    const json_t *place = place_of(object, metric);
    const json_t *value = json_object_get(place, is_part(metric) ? "map" : names[metric]);
    double number = json_number_value(value);
    score->value[metric] = value ? number : NAN;
    score->ratings[metric] = value ? read_count(place, "ratings") : 0;
    if (value && (!json_is_number(value) || !(number >= 0 && number <= 1.000001)))
        return fail(reader->failure, EX_DATAERR, "%s: \"%s\" of %s is no number from 0 to 1",
                    reader->path, names[metric], score->name);
    return true;
}

static bool is_new(const Reader *reader, const char *name)
{
    for (size_t i = 0; i < reader->scores->count; i++)
        if (strcmp(reader->scores->rows[i].name, name) == 0)
            return fail(reader->failure, EX_DATAERR,
                        "%s: %s was scored already; each row needs a name of its own", reader->path,
                        name);
    return reader->scores->count < SCORE_MOST_ROWS
        || fail(reader->failure, EX_DATAERR, "%s: more than %zu rows", reader->path,
                SCORE_MOST_ROWS);
}

static bool read_row(Reader *reader, const char *name, const json_t *object)
{
    Score score = { .name = arena_copy(reader->arena, name, strlen(name), reader->failure) };
    const char *metric = json_string_value(json_object_get(object, "metric"));
    if (!score.name || !is_new(reader, score.name))
        return false;
    score.value[METRIC_WEIGHT] = NAN;
    for (Metric m = 0; m < METRIC_WEIGHT; m++)
        if (!read_metric(&score, m, object, reader))
            return false;
    score.top = read_count(object, "top");
    score.videos = read_count(object, "videos");
    score.of_segments = metric && strcmp(metric, "map") == 0;
    reader->scores->rows[reader->scores->count++] = score;
    return true;
}

static bool is_row(const json_t *object)
{
    return json_object_get(object, "gap") || json_object_get(object, "map")
        || json_is_object(json_object_get(object, "parts"));
}

static bool read_object(Reader *reader, const char *name, json_t *object, unsigned depth)
{
    const char *key;
    json_t *value;
    if (is_row(object))
        return read_row(reader, name, object);
    json_object_foreach(object, key,
                        value) if (json_is_object(value) && depth < DEEPEST
                                   && !read_object(reader, key, value, depth + 1)) return false;
    return true;
}

bool scores_read(Scores *scores, const char *path, Arena *arena, Failure *failure)
{
    char *text, *stem;
    size_t size, before = scores->count;
    json_error_t error;
    Reader reader = { scores, path, arena, failure };
    if (!file_read(path, arena, &text, &size, failure) || !(stem = stem_of(path, arena, failure)))
        return false;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return fail(failure, EX_DATAERR, "%s:%d:%d: %s; evaluate again", path, error.line,
                    error.column, error.text);
    bool ok = read_object(&reader, stem, root, 0);
    json_decref(root);
    return ok
        && (scores->count > before
            || fail(failure, EX_DATAERR, "%s: no metrics in it; give what `evaluate` printed",
                    path));
}
