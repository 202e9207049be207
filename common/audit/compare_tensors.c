#include "common/audit/difference.h"
#include "common/data/safetensors.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A number, or a value of no type that can be told as one, as text. */
typedef struct Value {
    char text[40];
} Value;

/* Where the elements of two tensors of one type and shape differ. */
typedef struct ElementDifference {
    uint64_t count, first, farthest;
    long double largest; // absolute; negative where no two numbers could be subtracted
} ElementDifference;

static const uint8_t *element(const StoredTensor *tensor, uint64_t index)
{
    return (const uint8_t *)tensor->bytes + index * stored_type_bytes(tensor->type);
}

/* An element as a number; NaN for types whose numbers C doesn't have. */
static long double number_of(StoredType type, const void *bytes)
{
    union {
        int8_t i8;
        uint16_t u16;
        int16_t i16;
        uint32_t u32;
        int32_t i32;
        float f32;
        uint64_t u64;
        int64_t i64;
        double f64;
    } as;
    memcpy(&as, bytes, stored_type_bytes(type));
    switch (type) {
    case STORED_BOOL:
    case STORED_U8:
        return *(const uint8_t *)bytes;
    case STORED_I8:
        return as.i8;
    case STORED_U16:
        return as.u16;
    case STORED_I16:
        return as.i16;
    case STORED_U32:
        return as.u32;
    case STORED_I32:
        return as.i32;
    case STORED_F32:
        return as.f32;
    case STORED_U64:
        return as.u64;
    case STORED_I64:
        return as.i64;
    case STORED_F64:
        return as.f64;
    default:
        return NAN;
    }
}

static Value value_of(const StoredTensor *tensor, uint64_t index)
{
    Value value;
    const uint8_t *bytes = element(tensor, index);
    size_t size = stored_type_bytes(tensor->type);
    long double number = number_of(tensor->type, bytes);
    if (tensor->type == STORED_F32 || tensor->type == STORED_F64)
        snprintf(value.text, sizeof value.text, "%.*g", size == 4 ? 9 : 17, (double)number);
    else if (!isnan(number))
        snprintf(value.text, sizeof value.text, "%.0Lf", number);
    else
        snprintf(value.text, sizeof value.text, "0x%0*x", 2 * (int)size,
                 size == 2 ? bytes[0] | bytes[1] << 8 : bytes[0]);
    return value;
}

/* An element's place in its shape: [3, 17]. */
static Excerpt place_of(const StoredTensor *tensor, uint64_t index)
{
    Excerpt place = { "]" };
    for (size_t i = tensor->axes; i-- > 0; index /= tensor->shape[i]) {
        Excerpt rest = place;
        snprintf(place.text, sizeof place.text, "%s%" PRIu64 "%.50s", i ? ", " : "",
                 index % tensor->shape[i], rest.text);
    }
    Excerpt whole;
    snprintf(whole.text, sizeof whole.text, "[%.70s", place.text);
    return whole;
}

static ElementDifference compare_elements(const StoredTensor *a, const StoredTensor *b)
{
    ElementDifference found = { .largest = -1 };
    size_t size = stored_type_bytes(a->type);
    for (uint64_t i = 0; i < a->count; i++) {
        if (memcmp(element(a, i), element(b, i), size) == 0)
            continue;
        if (found.count++ == 0)
            found.first = i;
        long double distance =
            fabsl(number_of(a->type, element(a, i)) - number_of(b->type, element(b, i)));
        if (distance > found.largest) { // never of NaN
            found.largest = distance;
            found.farthest = i;
        }
    }
    return found;
}

/* A tensor's name, type and shape. */
static Excerpt shape_of(const StoredTensor *tensor)
{
    Excerpt shape;
    size_t length =
        (size_t)snprintf(shape.text, sizeof shape.text, "%s [", stored_type_name(tensor->type));
    for (size_t i = 0; i < tensor->axes && length + 24 < sizeof shape.text; i++)
        length += (size_t)snprintf(shape.text + length, sizeof shape.text - length, "%s%" PRIu64,
                                   i ? ", " : "", tensor->shape[i]);
    snprintf(shape.text + length, sizeof shape.text - length, "]");
    return shape;
}

static bool same_shape(const StoredTensor *a, const StoredTensor *b)
{
    return a->type == b->type && a->axes == b->axes
        && memcmp(a->shape, b->shape, a->axes * sizeof *a->shape) == 0;
}

static bool same_tensor(const StoredTensor *a, const StoredTensor *b)
{
    return same_shape(a, b) && (a->size == 0 || memcmp(a->bytes, b->bytes, a->size) == 0);
}

static void describe(Difference *difference, const StoredTensor *a, const StoredTensor *b)
{
    Excerpt name = excerpt_of_text(a->name);
    if (!same_shape(a, b)) {
        differ(difference, "tensor %s is %s and %s", name.text, shape_of(a).text, shape_of(b).text);
        return;
    }
    ElementDifference found = compare_elements(a, b);
    differ(difference,
           "tensor %s %s: %" PRIu64 " of %" PRIu64 " values differ, the first at %s: %s and %s",
           name.text, shape_of(a).text, found.count, a->count, place_of(a, found.first).text,
           value_of(a, found.first).text, value_of(b, found.first).text);
    if (found.largest >= 0)
        differ_also(difference, "; the largest difference is %.3Lg, at %s", found.largest,
                    place_of(a, found.farthest).text);
}

static void compare_all(Difference *difference, const SafetensorsReader readers[2],
                        const FilePair *pair)
{
    size_t i = 0, j = 0, count = 0;
    while (i < readers[0].count || j < readers[1].count) {
        const StoredTensor *a = &readers[0].tensors[i], *b = &readers[1].tensors[j];
        int order = i == readers[0].count ? 1
            : j == readers[1].count       ? -1
                                          : strcmp(a->name, b->name);
        i += order <= 0;
        j += order >= 0;
        if (order == 0 && same_tensor(a, b))
            continue;
        count++;
        if (order)
            differ(difference, "tensor %s is only in %s",
                   excerpt_of_text((order < 0 ? a : b)->name).text, pair->path[order > 0]);
        else if (!difference->found)
            describe(difference, a, b);
    }
    if (count)
        differ_also(difference, "; %zu of %zu tensors differ", count, readers[0].count);
}

static void compare_metadata(Difference *difference, const SafetensorsReader readers[2])
{
    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < readers[side].metadata_count; i++) {
            const char *name = readers[side].metadata[i].name;
            const char *ours = safetensors_metadata(&readers[0], name);
            const char *theirs = safetensors_metadata(&readers[1], name);
            if (ours && theirs && strcmp(ours, theirs) == 0)
                continue;
            ExcerptPair values = excerpts_of_texts(ours, theirs);
            differ(difference, "metadata %s: %s and %s", excerpt_of_text(name).text,
                   values.of[0].text, values.of[1].text);
        }
}

bool compare_tensors(Difference *difference, const FilePair *pair, Arena scratch, Failure *failure)
{
    SafetensorsReader readers[2];
    for (size_t side = 0; side < 2; side++)
        if (!safetensors_of_bytes(&readers[side], pair->path[side], pair->file[side].bytes,
                                  pair->file[side].size, &scratch, failure))
            return false;
    compare_all(difference, readers, pair);
    compare_metadata(difference, readers);
    return true;
}
