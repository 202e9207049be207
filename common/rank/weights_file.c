#include "common/rank/weights_file.h"
#include "common/base/file.h"
#include "common/rank/named_weights.h"

#include <jansson.h>
#include <math.h>
#include <string.h>

static bool is_kind(const json_t *root)
{
    const char *kind = json_string_value(json_object_get(root, "kind"));
    return kind && strcmp(kind, WEIGHTS_KIND) == 0
        && json_integer_value(json_object_get(root, "format")) == WEIGHTS_FORMAT
        && json_is_object(json_object_get(root, "weights"));
}

static bool take_fusion(WeightsFile *file, const json_t *root, Failure *failure)
{
    const char *fusion = json_string_value(json_object_get(root, "fusion"));
    const json_t *w0 = json_object_get(root, "w0");
    file->of_ranks = fusion && strcmp(fusion, "ranks") == 0;
    file->w0 = json_number_value(w0);
    if (!fusion || (!file->of_ranks && strcmp(fusion, "scores") != 0))
        return fail(failure, EX_DATAERR, "%s: \"fusion\" must be \"scores\" or \"ranks\"",
                    file->path);
    return !file->of_ranks || (json_is_number(w0) && isfinite(file->w0) && file->w0 > 0)
        || fail(failure, EX_DATAERR, "%s: weights of ranks need a \"w0\" above 0", file->path);
}

static bool take_weights(WeightsFile *file, json_t *weights, Arena *arena, Failure *failure)
{
    const char *name;
    json_t *value;
    double sum = 0;
    if (!arena_array(arena, file->names, json_object_size(weights), failure)
        || !arena_array(arena, file->weights, json_object_size(weights), failure))
        return false;
    for (void *at = json_object_iter(weights); at; at = json_object_iter_next(weights, at)) {
        name = json_object_iter_key(at);
        value = json_object_iter_value(at);
        double weight = json_number_value(value);
        if (!json_is_number(value) || !isfinite(weight) || weight < 0)
            return fail(failure, EX_DATAERR, "%s: the weight of %s must be a number from 0",
                        file->path, name);
        file->names[file->count] = arena_copy(arena, name, strlen(name), failure);
        if (!file->names[file->count])
            return false;
        file->weights[file->count++] = weight;
        sum += weight;
    }
    return (sum > 0 && sum <= 1e300)
        || fail(failure, EX_DATAERR, "%s: no weight is above 0; tune again", file->path);
}

bool weights_file_read(WeightsFile *file, const char *path, Arena *arena, Failure *failure)
{
    char *text;
    size_t size;
    json_error_t error;
    *file = (WeightsFile){ .path = path };
    if (!file_read(path, arena, &text, &size, failure))
        return false;
    json_t *root = json_loadb(text, size, JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return fail(failure, EX_DATAERR, "%s:%d:%d: %s; give what `tune` wrote", path, error.line,
                    error.column, error.text);
    bool ok = (is_kind(root)
               || fail(failure, EX_DATAERR, "%s: no weights of format %d; give what `tune` wrote",
                       path, WEIGHTS_FORMAT))
        && take_fusion(file, root, failure)
        && take_weights(file, json_object_get(root, "weights"), arena, failure);
    json_decref(root);
    return ok;
}

/* The number of a name; `count`, where it isn't there. */
static size_t find(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;
    while (i < count && strcmp(names[i], name) != 0)
        i++;
    return i;
}

bool weights_file_take(double *weights, const WeightsFile *file, bool of_ranks,
                       const char *const *names, size_t count, Failure *failure)
{
    if (file->of_ranks != of_ranks)
        return fail(failure, EX_DATAERR, "%s: weights of %s; use them with %s", file->path,
                    file->of_ranks ? "ranks" : "scores", file->of_ranks ? "rankfuse" : "fuse");
    for (size_t i = 0; i < count; i++) {
        size_t at = find(file->names, file->count, names[i]);
        if (at == file->count)
            return fail(failure, EX_DATAERR,
                        "%s: no weight for %s; tune with the same members, or name them with "
                        "--names as they were then",
                        file->path, names[i]);
        weights[i] = file->weights[at];
    }
    for (size_t i = 0; i < file->count; i++)
        if (find(names, count, file->names[i]) == count)
            return fail(failure, EX_DATAERR,
                        "%s: has a weight for %s, which is not among the files; fuse the members "
                        "that were tuned",
                        file->path, file->names[i]);
    return true;
}

static size_t words(const char *text)
{
    size_t count = 1;
    for (; *text; text++)
        count += *text == ',';
    return count;
}

bool member_names(const char ***names, const char *text, const char *const *paths, size_t count,
                  Arena *arena, Failure *failure)
{
    if (!text)
        return names_of_files(names, paths, count, arena, failure);
    if (words(text) != count)
        return fail(failure, EX_USAGE, "--names %s: must be %zu names, one for each file", text,
                    count);
    if (!arena_array(arena, *names, count, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        size_t length = strcspn(text, ",");
        const char *name = arena_copy(arena, text, length, failure);
        if (!name)
            return false;
        if (length == 0 || find(*names, i, name) < i)
            return fail(failure, EX_USAGE, "--names: \"%s\" is no name, or another file has it",
                        name);
        (*names)[i] = name;
        text += length + 1;
    }
    return true;
}
