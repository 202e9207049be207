#include "common/data/safetensors.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define LENGTH_BYTES 8 // the header's length

static const struct {
    const char *name;
    size_t bytes;
} types[] = {
    [STORED_BOOL] = { "BOOL", 1 },       [STORED_U8] = { "U8", 1 },
    [STORED_I8] = { "I8", 1 },           [STORED_F8_E4M3] = { "F8_E4M3", 1 },
    [STORED_F8_E5M2] = { "F8_E5M2", 1 }, [STORED_U16] = { "U16", 2 },
    [STORED_I16] = { "I16", 2 },         [STORED_F16] = { "F16", 2 },
    [STORED_BF16] = { "BF16", 2 },       [STORED_U32] = { "U32", 4 },
    [STORED_I32] = { "I32", 4 },         [STORED_F32] = { "F32", 4 },
    [STORED_U64] = { "U64", 8 },         [STORED_I64] = { "I64", 8 },
    [STORED_F64] = { "F64", 8 },
};

const char *stored_type_name(StoredType type)
{
    return types[type].name;
}

size_t stored_type_bytes(StoredType type)
{
    return types[type].bytes;
}

static bool type_of_name(const char *name, StoredType *type)
{
    for (size_t i = 0; name && i < sizeof types / sizeof *types; i++)
        if (strcmp(types[i].name, name) == 0) {
            *type = (StoredType)i;
            return true;
        }
    return false;
}

/* Elements and bytes of a tensor, from its shape; false where they overflow. */
static bool measure(StoredTensor *tensor)
{
    tensor->count = 1;
    for (size_t i = 0; i < tensor->axes; i++)
        if (__builtin_mul_overflow(tensor->count, tensor->shape[i], &tensor->count))
            return false;
    return !__builtin_mul_overflow(tensor->count, (uint64_t)types[tensor->type].bytes,
                                   &tensor->size);
}

/* A whole number from 0 out of a JSON array. */
static bool whole(const json_t *array, size_t index, uint64_t *number)
{
    const json_t *value = json_array_get(array, index);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return false;
    *number = (uint64_t)json_integer_value(value);
    return true;
}

static bool read_shape(StoredTensor *tensor, const json_t *shape)
{
    tensor->axes = json_array_size(shape);
    if (!json_is_array(shape) || tensor->axes > SAFETENSORS_MOST_AXES)
        return false;
    for (size_t i = 0; i < tensor->axes; i++)
        if (!whole(shape, i, &tensor->shape[i]))
            return false;
    return measure(tensor);
}

static bool read_tensor(StoredTensor *tensor, const SafetensorsReader *reader, const char *name,
                        const json_t *entry, Arena *arena, Failure *failure)
{
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const char *type = json_string_value(json_object_get(entry, "dtype"));
    uint64_t end = 0;
    if (!type_of_name(type, &tensor->type))
        return fail(failure, EX_DATAERR, "%s: tensor %s has the unknown dtype %s", reader->path,
                    name, type ? type : "(none)");
    if (!read_shape(tensor, json_object_get(entry, "shape")))
        return fail(failure, EX_DATAERR, "%s: the shape of tensor %s is not up to %d whole numbers",
                    reader->path, name, SAFETENSORS_MOST_AXES);
    if (json_array_size(offsets) != 2 || !whole(offsets, 0, &tensor->offset)
        || !whole(offsets, 1, &end) || end < tensor->offset)
        return fail(failure, EX_DATAERR, "%s: tensor %s has no data_offsets [begin, end]",
                    reader->path, name);
    if (end - tensor->offset != tensor->size)
        return fail(failure, EX_DATAERR,
                    "%s: tensor %s has %llu bytes, but its shape and dtype ask for %llu",
                    reader->path, name, (unsigned long long)(end - tensor->offset),
                    (unsigned long long)tensor->size);
    tensor->name = arena_copy(arena, name, strlen(name), failure);
    return tensor->name != NULL;
}

static bool read_metadata(SafetensorsReader *reader, json_t *entries, Arena *arena,
                          Failure *failure)
{
    const char *name;
    json_t *value;
    if (!json_is_object(entries)
        || !arena_array(arena, reader->metadata, json_object_size(entries), failure))
        return fail(failure, EX_DATAERR, "%s: __metadata__ is no object", reader->path);
    json_object_foreach(entries, name, value)
    {
        StoredText *text = &reader->metadata[reader->metadata_count++];
        if (!json_is_string(value))
            return fail(failure, EX_DATAERR, "%s: metadata %s is no string", reader->path, name);
        text->name = arena_copy(arena, name, strlen(name), failure);
        text->value =
            arena_copy(arena, json_string_value(value), json_string_length(value), failure);
        if (!text->name || !text->value)
            return false;
    }
    return true;
}

static bool read_entries(SafetensorsReader *reader, json_t *root, Arena *arena, Failure *failure)
{
    const char *name;
    json_t *entry;
    if (!json_is_object(root))
        return fail(failure, EX_DATAERR, "%s:%d: the header is no JSON object", reader->path,
                    LENGTH_BYTES);
    if (!arena_array(arena, reader->tensors, json_object_size(root), failure))
        return false;
    json_object_foreach(root, name, entry)
    {
        bool ok = strcmp(name, "__metadata__") == 0
            ? read_metadata(reader, entry, arena, failure)
            : read_tensor(&reader->tensors[reader->count++], reader, name, entry, arena, failure);
        if (!ok)
            return false;
    }
    return true;
}

static int by_offset(const void *a, const void *b)
{
    const StoredTensor *x = a, *y = b;
    if (x->offset != y->offset)
        return x->offset < y->offset ? -1 : 1;
    return (x->size > y->size) - (x->size < y->size); // those without elements come first
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const StoredTensor *)a)->name, ((const StoredTensor *)b)->name);
}

static int by_text_name(const void *a, const void *b)
{
    return strcmp(((const StoredText *)a)->name, ((const StoredText *)b)->name);
}

/* Point each tensor to its bytes, in the order of the data: no holes, overlaps or trailing bytes.
 */
static bool place_tensors(SafetensorsReader *reader, const uint8_t *data, uint64_t size,
                          Arena *arena, Failure *failure)
{
    uint64_t end = 0;
    qsort(reader->tensors, reader->count, sizeof *reader->tensors, by_offset);
    for (size_t i = 0; i < reader->count; i++) {
        StoredTensor *tensor = &reader->tensors[i];
        if (tensor->offset != end)
            return fail(failure, EX_DATAERR,
                        "%s: tensor %s begins at byte %llu of the data, not %llu", reader->path,
                        tensor->name, (unsigned long long)tensor->offset, (unsigned long long)end);
        if (tensor->size > size - end)
            return fail(
                failure, EX_DATAERR,
                "%s: tensor %s is cut off: it ends at byte %llu of the data, which has %llu",
                reader->path, tensor->name, (unsigned long long)(end + tensor->size),
                (unsigned long long)size);
        tensor->bytes = data + end;
        end += tensor->size;
        if ((uintptr_t)tensor->bytes % types[tensor->type].bytes == 0)
            continue;
        void *copy = arena_allocate(arena, tensor->size, 1, failure);
        if (!copy)
            return false;
        tensor->bytes = memcpy(copy, tensor->bytes, tensor->size);
    }
    if (end != size)
        return fail(failure, EX_DATAERR, "%s: %llu bytes after the last tensor", reader->path,
                    (unsigned long long)(size - end));
    qsort(reader->tensors, reader->count, sizeof *reader->tensors, by_name);
    if (reader->metadata_count)
        qsort(reader->metadata, reader->metadata_count, sizeof *reader->metadata, by_text_name);
    return true;
}

static uint64_t read_u64(const uint8_t *bytes)
{
    uint64_t number = 0;
    for (size_t i = 0; i < 8; i++)
        number |= (uint64_t)bytes[i] << 8 * i;
    return number;
}

bool safetensors_of_bytes(SafetensorsReader *reader, const char *name, const void *bytes,
                          size_t size, Arena *arena, Failure *failure)
{
    const uint8_t *file = bytes;
    json_error_t error;
    *reader = (SafetensorsReader){ .path = name };
    if (size < LENGTH_BYTES)
        return fail(failure, EX_DATAERR, "%s: %zu bytes; not safetensors", name, size);
    uint64_t header = read_u64(file);
    if (header > SAFETENSORS_MOST_HEADER_BYTES || header > size - LENGTH_BYTES)
        return fail(failure, EX_DATAERR,
                    "%s:0: a header of %llu bytes; not safetensors, or cut off", name,
                    (unsigned long long)header);
    json_t *root = json_loadb((const char *)file + LENGTH_BYTES, (size_t)header,
                              JSON_REJECT_DUPLICATES, &error);
    if (!root)
        return fail(failure, EX_DATAERR, "%s:%d: %s; not a safetensors header", name,
                    LENGTH_BYTES + error.position, error.text);
    bool ok = read_entries(reader, root, arena, failure);
    json_decref(root);
    uint64_t begin = LENGTH_BYTES + header;
    return ok && place_tensors(reader, file + begin, size - begin, arena, failure);
}

bool safetensors_open(SafetensorsReader *reader, const char *path, Arena *arena, Failure *failure)
{
    MappedFile file;
    *reader = (SafetensorsReader){ 0 };
    if (!mapped_file_open(&file, path, failure))
        return false;
    bool ok = safetensors_of_bytes(reader, path, file.bytes, file.size, arena, failure);
    reader->file = file;
    if (!ok)
        safetensors_close(reader);
    return ok;
}

void safetensors_close(SafetensorsReader *reader)
{
    mapped_file_close(&reader->file);
    *reader = (SafetensorsReader){ 0 };
}

const StoredTensor *safetensors_find(const SafetensorsReader *reader, const char *name)
{
    StoredTensor key = { .name = name };
    return reader->count ? bsearch(&key, reader->tensors, reader->count, sizeof key, by_name)
                         : NULL;
}

const void *safetensors_array(const SafetensorsReader *reader, const char *name, StoredType type,
                              uint64_t count, Failure *failure)
{
    const StoredTensor *tensor = safetensors_find(reader, name);
    if (!tensor)
        fail(failure, EX_DATAERR, "%s: has no tensor %s", reader->path, name);
    else if (tensor->type != type)
        fail(failure, EX_DATAERR, "%s: tensor %s is %s, not %s", reader->path, name,
             types[tensor->type].name, types[type].name);
    else if (count != SAFETENSORS_ANY && tensor->count != count)
        fail(failure, EX_DATAERR, "%s: tensor %s has %llu elements, not %llu", reader->path, name,
             (unsigned long long)tensor->count, (unsigned long long)count);
    else
        return tensor->bytes;
    return NULL;
}

bool safetensors_check_digest(const SafetensorsReader *reader, const char *name, Failure *failure)
{
    char sha256[SHA256_HEX_BYTES];
    const uint8_t *digest =
        safetensors_array(reader, name, STORED_U8, SHA256_HEX_BYTES - 1, failure);
    if (!digest)
        return false;
    sha256_of(reader->file.bytes, (size_t)(digest - reader->file.bytes), sha256);
    return memcmp(sha256, digest, SHA256_HEX_BYTES - 1) == 0
        || fail(failure, EX_DATAERR, "%s: its bytes don't match their digest", reader->path);
}

const char *safetensors_metadata(const SafetensorsReader *reader, const char *name)
{
    StoredText key = { .name = name };
    const StoredText *text = reader->metadata_count
        ? bsearch(&key, reader->metadata, reader->metadata_count, sizeof key, by_text_name)
        : NULL;
    return text ? text->value : NULL;
}
