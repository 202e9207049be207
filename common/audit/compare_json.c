#include "common/audit/difference.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The members that lead to a value: inputs[3].sha256. */
typedef struct MemberPath {
    char text[400];
    size_t length;
} MemberPath;

/* The path one step further on; what doesn't fit is left out. */
static MemberPath path_to_name(MemberPath path, const char *name)
{
    int added = snprintf(path.text + path.length, sizeof path.text - path.length, "%s%s",
                         path.length ? "." : "", excerpt_of_text(name).text);
    path.length = added < (int)(sizeof path.text - path.length) ? path.length + (size_t)added
                                                                : sizeof path.text - 1;
    return path;
}

static MemberPath path_to_index(MemberPath path, size_t index)
{
    int added = snprintf(path.text + path.length, sizeof path.text - path.length, "[%zu]", index);
    path.length = added < (int)(sizeof path.text - path.length) ? path.length + (size_t)added
                                                                : sizeof path.text - 1;
    return path;
}

static void differ_in_values(Difference *difference, const char *path, const json_t *a,
                             const json_t *b)
{
    char *ours = a ? json_dumps(a, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    char *theirs = b ? json_dumps(b, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    ExcerptPair values = excerpts_of_texts(ours, theirs);
    differ(difference, "%s: %s and %s", path, values.of[0].text, values.of[1].text);
    free(ours);
    free(theirs);
}

static bool find(Difference *difference, const json_t *a, const json_t *b, MemberPath path);

static bool find_in_array(Difference *difference, const json_t *a, const json_t *b, MemberPath path)
{
    size_t ours = json_array_size(a), theirs = json_array_size(b);
    for (size_t i = 0; i < ours || i < theirs; i++)
        if (find(difference, json_array_get(a, i), json_array_get(b, i), path_to_index(path, i)))
            return true;
    return false;
}

static bool find_in_object(Difference *difference, const json_t *a, const json_t *b,
                           MemberPath path)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)a, name, value)
    {
        if (find(difference, value, json_object_get(b, name), path_to_name(path, name)))
            return true;
    }
    json_object_foreach((json_t *)b, name, value)
    {
        if (!json_object_get(a, name))
            return find(difference, NULL, value, path_to_name(path, name));
    }
    return false;
}

/* Note the first value in which two documents differ; NULL: it isn't there. */
static bool find(Difference *difference, const json_t *a, const json_t *b, MemberPath path)
{
    if (json_is_object(a) && json_is_object(b))
        return find_in_object(difference, a, b, path);
    if (json_is_array(a) && json_is_array(b))
        return find_in_array(difference, a, b, path);
    if (json_equal(a, b))
        return false;
    differ_in_values(difference, path.length ? path.text : "all of it", a, b);
    return true;
}

static json_t *load(const FilePair *pair, size_t side, Failure *failure)
{
    json_error_t error;
    json_t *root =
        json_loadb((const char *)pair->file[side].bytes, pair->file[side].size, 0, &error);
    if (!root)
        fail(failure, EX_DATAERR, "%s:%d:%d: %s", pair->path[side], error.line, error.column,
             error.text);
    return root;
}

bool compare_json(Difference *difference, const FilePair *pair, Arena scratch, Failure *failure)
{
    (void)scratch;
    Difference member = { 0 };
    json_t *a = load(pair, 0, failure), *b = a ? load(pair, 1, failure) : NULL;
    if (a && b && find(&member, a, b, (MemberPath){ 0 }))
        differ(difference, "line %zu, %s", line_of_byte(&pair->file[0], first_different_byte(pair)),
               member.text);
    json_decref(a);
    json_decref(b);
    return a && b;
}
