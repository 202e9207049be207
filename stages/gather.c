/*
 * gather: what several evaluations say, in one file: {"moe": {"metric": "gap", ...}, ...}.
 *
 * Each has the name of its file, without the ending "-metrics", and keeps its place in the order of
 * the arguments.
 */
#include "common/artifact/artifact.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

static const Option options[] = { { 0 } };
static const Manual manual = { "gather", "Put the metrics of several evaluations into one file.",
                               "FILE...", options };

#define ENDING "-metrics"

/* "moe" of "build/submissions/video-baseline/moe-metrics.json". */
static const char *name_of(const char *path, Arena *arena, Failure *failure)
{
    const char *name = path_name(path);
    size_t length = strcspn(name, "."), ending = sizeof ENDING - 1;
    if (length > ending && memcmp(name + length - ending, ENDING, ending) == 0)
        length -= ending;
    return arena_format(arena, failure, "%.*s", (int)length, name);
}

static bool add_file(json_t *all, const char *path, Arena *arena, Failure *failure)
{
    json_error_t error;
    MappedFile file;
    const char *name = name_of(path, arena, failure);
    if (!name || !mapped_file_open(&file, path, failure))
        return false;
    json_t *metrics = json_loadb(file.size ? (const char *)file.bytes : "", file.size,
                                 JSON_REJECT_DUPLICATES, &error);
    mapped_file_close(&file);
    if (!metrics)
        return fail(failure, EX_DATAERR, "%s:%d:%d: %s", path, error.line, error.column,
                    error.text);
    if (!json_is_object(metrics) || json_object_get(all, name)) {
        bool twice = json_is_object(metrics);
        json_decref(metrics);
        return fail(failure, EX_DATAERR,
                    twice ? "%s: metrics of that name are there already; rename one"
                          : "%s: not an object of metrics",
                    path);
    }
    return json_object_set_new(all, name, metrics) == 0
        || fail(failure, EX_OSERR, "%s: out of memory", path);
}

static bool write_all(json_t *all, Artifact *output, Stage *stage, Failure *failure)
{
    for (size_t i = 0; i < stage->values.argument_count; i++)
        if (!add_file(all, stage->values.arguments[i], &stage->arena, failure))
            return false;
    char *text = json_dumps(all, JSON_INDENT(1) | JSON_PRESERVE_ORDER | JSON_REAL_PRECISION(10));
    bool ok = text ? atomic_file_write(&output->file, text, strlen(text), failure)
            && atomic_file_write(&output->file, "\n", 1, failure)
                   : fail(failure, EX_OSERR, "out of memory");
    free(text);
    return ok;
}

static bool gather(int argc, char **argv, Failure *failure)
{
    Stage stage = { 0 };
    Artifact output = { 0 };
    json_t *all = json_object();
    bool ok = stage_begin(&stage, &manual, argc, argv, failure)
        && (stage.values.argument_count || fail(failure, EX_USAGE, "no files; see --help"))
        && artifact_create(&output, &stage, "metrics", failure)
        && write_all(all, &output, &stage, failure) && artifact_commit(&output, failure);
    artifact_discard(&output);
    json_decref(all);
    stage_end(&stage);
    return ok;
}

int main(int argc, char **argv)
{
    Failure failure = { 0 };
    return gather(argc, argv, &failure) ? EX_OK : failure_report(&failure, manual.name);
}
