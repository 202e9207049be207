#include "common/rank/named_weights.h"
#include "common/base/file.h"
#include "common/rank/number.h"

#include <string.h>

#define NOT_GIVEN (-1.0)

bool names_of_files(const char ***names, const char *const *paths, size_t count, Arena *arena,
                    Failure *failure)
{
    if (!arena_array(arena, *names, count, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        const char *name = path_name(paths[i]), *dot = strrchr(name, '.');
        size_t length = dot ? (size_t)(dot - name) : strlen(name);
        if (length == 0)
            return fail(failure, EX_USAGE, "%s: the file has no name but its ending; rename it",
                        paths[i]);
        if (!((*names)[i] = arena_copy(arena, name, length, failure)))
            return false;
        for (size_t j = 0; j < i; j++)
            if (strcmp((*names)[i], (*names)[j]) == 0)
                return fail(failure, EX_USAGE, "%s and %s are both named %s; rename one", paths[j],
                            paths[i], (*names)[i]);
    }
    return true;
}

/* "a, b, c", in the arena. */
static const char *list_of(const char *const *names, size_t count, Arena *arena, Failure *failure)
{
    const char *list = names[0];
    for (size_t i = 1; list && i < count; i++)
        list = arena_format(arena, failure, "%s, %s", list, names[i]);
    return list ? list : "";
}

/* The number of a name; `count`, where it isn't there. */
static size_t find_name(const char *const *names, size_t count, const char *name, size_t length)
{
    size_t i = 0;
    while (i < count && (strlen(names[i]) != length || memcmp(names[i], name, length) != 0))
        i++;
    return i;
}

/* Weights being read. */
typedef struct Weights {
    double *weights;
    const char *const *names;
    size_t count;
    Arena scratch;
} Weights;

/* Enter "NAME=WEIGHT". */
static bool take_pair(Weights *weights, const char *pair, int length, Failure *failure)
{
    const char *equals = length ? memrchr(pair, '=', (size_t)length) : NULL;
    if (!equals)
        return fail(failure, EX_USAGE, "--weights: \"%.*s\" is no pair; write NAME=WEIGHT", length,
                    pair);
    int name_length = (int)(equals - pair);
    size_t number = find_name(weights->names, weights->count, pair, (size_t)name_length);
    if (number == weights->count)
        return fail(failure, EX_USAGE, "--weights: no file is named %.*s; the files are named %s",
                    name_length, pair,
                    list_of(weights->names, weights->count, &weights->scratch, failure));
    double *weight = &weights->weights[number];
    if (*weight != NOT_GIVEN)
        return fail(failure, EX_USAGE, "--weights: %s has two weights; give it one",
                    weights->names[number]);
    return (number_real(equals + 1, (size_t)(length - name_length - 1), weight) && *weight >= 0)
        || fail(failure, EX_USAGE, "--weights: %.*s: a weight is a finite number from 0", length,
                pair);
}

static bool check_weights(const double *weights, const char *const *names, size_t count,
                          Failure *failure)
{
    bool any = false;
    for (size_t i = 0; i < count; i++) {
        if (weights[i] == NOT_GIVEN)
            return fail(failure, EX_USAGE,
                        "--weights: %s has none; add %s=WEIGHT (0 leaves it out)", names[i],
                        names[i]);
        any |= weights[i] > 0;
    }
    return any || fail(failure, EX_USAGE, "--weights: all are 0; give a weight above 0");
}

bool named_weights_parse(double **weights, const char *const *names, size_t count, const char *text,
                         Arena *arena, Failure *failure)
{
    if (!arena_array(arena, *weights, count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        (*weights)[i] = text ? NOT_GIVEN : 1;
    Weights reading = { *weights, names, count, *arena };
    while (text) {
        int length = (int)strcspn(text, ",");
        if (!take_pair(&reading, text, length, failure))
            return false;
        text = text[length] ? text + length + 1 : NULL;
    }
    return check_weights(*weights, names, count, failure);
}
