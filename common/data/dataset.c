#include "common/data/dataset.h"

#include <stdlib.h>
#include <string.h>

#define MOST_WIDTH ((size_t)1 << 24) // values a row; a model with more has another problem

static bool refuse(const char *text, const char *part, size_t length, const char *what,
                   Failure *failure)
{
    return fail(failure, EX_USAGE, "--features %s: \"%.*s\" %s; write name:width,name:width", text,
                length < 64 ? (int)length : 64, part, what);
}

static bool has_feature(const FeatureSpecs *specs, const char *name, size_t length)
{
    for (size_t i = 0; i < specs->count; i++)
        if (strlen(specs->features[i].name) == length
            && memcmp(specs->features[i].name, name, length) == 0)
            return true;
    return false;
}

/* The whole number that `length` digits are; 0 where they aren't one, or too large. */
static size_t parse_width(const char *digits, size_t length)
{
    size_t width = 0;
    for (size_t i = 0; i < length; i++) {
        if (digits[i] < '0' || digits[i] > '9' || width > MOST_WIDTH)
            return 0;
        width = 10 * width + (size_t)(digits[i] - '0');
    }
    return width <= MOST_WIDTH ? width : 0;
}

/* Parse one "name:width". The last colon separates them, so a name may have others. */
static bool parse_part(FeatureSpecs *specs, const char *text, const char *part, size_t length,
                       Arena *arena, Failure *failure)
{
    const char *colon = memrchr(part, ':', length);
    size_t name_length = colon ? (size_t)(colon - part) : length;
    size_t width = colon ? parse_width(colon + 1, length - name_length - 1) : 0;
    if (name_length == 0)
        return refuse(text, part, length, "has no name", failure);
    if (width == 0)
        return refuse(text, part, length, "has no width of 1 to 16777216", failure);
    if (has_feature(specs, part, name_length))
        return refuse(text, part, length, "is there twice", failure);
    if (specs->count == DATASET_MOST_FEATURES)
        return refuse(text, part, length, "is one too many: there may be 8", failure);
    const char *name = arena_copy(arena, part, name_length, failure);
    specs->features[specs->count++] = (FeatureSpec){ name, width };
    specs->width += width;
    return name != NULL;
}

bool feature_specs_parse(FeatureSpecs *specs, const char *text, Arena *arena, Failure *failure)
{
    *specs = (FeatureSpecs){ 0 };
    for (const char *part = text;; part += strcspn(part, ",") + 1) {
        size_t length = strcspn(part, ",");
        if (!parse_part(specs, text, part, length, arena, failure))
            return false;
        if (part[length] == 0)
            return true;
    }
}
