#include "common/data/safetensors.h"

#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_CAPACITY 16
#define ALIGNMENT 8 // of the data in a file

/* Room for one more entry in a table of the arena. */
static void *grow(Arena *arena, void *table, size_t count, size_t *capacity, size_t size,
                  Failure *failure)
{
    if (count < *capacity)
        return table;
    *capacity = *capacity ? 2 * *capacity : FIRST_CAPACITY;
    void *larger = arena_allocate(arena, *capacity, size, failure);
    if (larger && count)
        memcpy(larger, table, count * size);
    return larger;
}

bool safetensors_declare(SafetensorsWriter *writer, const char *name, StoredType type, size_t axes,
                         const uint64_t shape[], const void *bytes, Failure *failure)
{
    StoredTensor tensor = { .type = type, .axes = axes, .bytes = bytes, .count = 1 };
    bool overflow = axes > SAFETENSORS_MOST_AXES;
    for (size_t i = 0; i < axes && !overflow; i++) {
        tensor.shape[i] = shape[i];
        overflow = __builtin_mul_overflow(tensor.count, shape[i], &tensor.count);
    }
    if (overflow
        || __builtin_mul_overflow(tensor.count, (uint64_t)stored_type_bytes(type), &tensor.size))
        return fail(failure, EX_SOFTWARE, "tensor %s is too large", name);
    writer->tensors = grow(writer->arena, writer->tensors, writer->count, &writer->capacity,
                           sizeof *writer->tensors, failure);
    tensor.name = arena_copy(writer->arena, name, strlen(name), failure);
    if (!writer->tensors || !tensor.name)
        return false;
    writer->tensors[writer->count++] = tensor;
    return true;
}

bool safetensors_declare_vector(SafetensorsWriter *writer, const char *name, StoredType type,
                                uint64_t count, const void *bytes, Failure *failure)
{
    return safetensors_declare(writer, name, type, 1, &count, bytes, failure);
}

bool safetensors_note(SafetensorsWriter *writer, const char *name, const char *value,
                      Failure *failure)
{
    writer->metadata = grow(writer->arena, writer->metadata, writer->metadata_count,
                            &writer->metadata_capacity, sizeof *writer->metadata, failure);
    if (!writer->metadata)
        return false;
    StoredText *text = &writer->metadata[writer->metadata_count++];
    text->name = arena_copy(writer->arena, name, strlen(name), failure);
    text->value = arena_copy(writer->arena, value, strlen(value), failure);
    return text->name && text->value;
}

static int by_size_and_name(const void *a, const void *b)
{
    const StoredTensor *x = a, *y = b;
    size_t left = stored_type_bytes(x->type), right = stored_type_bytes(y->type);
    if (left != right)
        return left > right ? -1 : 1;
    return strcmp(x->name, y->name);
}

static int by_text_name(const void *a, const void *b)
{
    return strcmp(((const StoredText *)a)->name, ((const StoredText *)b)->name);
}

/* Canonical order, and each tensor's place in it. */
static bool arrange(SafetensorsWriter *writer, Failure *failure)
{
    uint64_t end = 0;
    if (writer->count)
        qsort(writer->tensors, writer->count, sizeof *writer->tensors, by_size_and_name);
    if (writer->metadata_count)
        qsort(writer->metadata, writer->metadata_count, sizeof *writer->metadata, by_text_name);
    for (size_t i = 0; i < writer->count; i++) {
        writer->tensors[i].offset = end;
        if (__builtin_add_overflow(end, writer->tensors[i].size, &end) || end > INT64_MAX)
            return fail(failure, EX_SOFTWARE, "tensor %s is too large", writer->tensors[i].name);
        for (size_t j = 0; j < i; j++)
            if (strcmp(writer->tensors[j].name, writer->tensors[i].name) == 0)
                return fail(failure, EX_SOFTWARE, "tensor %s is there twice",
                            writer->tensors[i].name);
    }
    for (size_t i = 1; i < writer->metadata_count; i++)
        if (by_text_name(&writer->metadata[i - 1], &writer->metadata[i]) == 0)
            return fail(failure, EX_SOFTWARE, "metadata %s is there twice",
                        writer->metadata[i].name);
    return true;
}

/* A JSON string, quoted; false where it is not UTF-8. */
static bool print_text(FILE *to, const char *text)
{
    json_t *value = json_string(text);
    bool ok = value && json_dumpf(value, to, JSON_ENCODE_ANY) == 0;
    json_decref(value);
    return ok;
}

static bool print_metadata(FILE *to, const SafetensorsWriter *writer)
{
    bool ok = true;
    fputs("\"__metadata__\":{", to);
    for (size_t i = 0; i < writer->metadata_count && ok; i++) {
        fputs(i ? "," : "", to);
        ok = print_text(to, writer->metadata[i].name) && fputc(':', to) != EOF
            && print_text(to, writer->metadata[i].value);
    }
    fputc('}', to);
    return ok;
}

static bool print_tensor(FILE *to, const StoredTensor *tensor)
{
    bool ok = print_text(to, tensor->name);
    fprintf(to, ":{\"dtype\":\"%s\",\"shape\":[", stored_type_name(tensor->type));
    for (size_t i = 0; i < tensor->axes; i++)
        fprintf(to, "%s%llu", i ? "," : "", (unsigned long long)tensor->shape[i]);
    fprintf(to, "],\"data_offsets\":[%llu,%llu]}", (unsigned long long)tensor->offset,
            (unsigned long long)(tensor->offset + tensor->size));
    return ok;
}

/* The header as text, padded with blanks. */
static bool print_header(FILE *to, const SafetensorsWriter *writer)
{
    bool ok = true, first = true;
    fputc('{', to);
    if (writer->metadata_count) {
        ok = print_metadata(to, writer);
        first = false;
    }
    for (size_t i = 0; i < writer->count && ok; i++) {
        fputs(first ? "" : ",", to);
        first = false;
        ok = print_tensor(to, &writer->tensors[i]);
    }
    fputc('}', to);
    while (ok && ftell(to) % ALIGNMENT != 0)
        fputc(' ', to);
    return ok && !ferror(to);
}

static bool write_header(AtomicFile *file, const char *text, size_t size, Failure *failure)
{
    uint8_t length[8];
    for (size_t i = 0; i < 8; i++)
        length[i] = (uint8_t)((uint64_t)size >> 8 * i);
    if (size > SAFETENSORS_MOST_HEADER_BYTES)
        return fail(failure, EX_SOFTWARE, "%s: a header of %zu bytes is too long", file->path,
                    size);
    return atomic_file_write(file, length, sizeof length, failure)
        && atomic_file_write(file, text, size, failure);
}

bool safetensors_start(SafetensorsWriter *writer, AtomicFile *file, Failure *failure)
{
    char *text = NULL;
    size_t size = 0;
    if (!arrange(writer, failure))
        return false;
    FILE *memory = open_memstream(&text, &size);
    bool printed = memory && print_header(memory, writer);
    printed = memory && fclose(memory) == 0 && printed;
    bool ok = printed ? write_header(file, text, size, failure)
                      : fail(failure, EX_SOFTWARE, "%s: a name is not UTF-8", file->path);
    free(text);
    writer->file = file;
    return ok;
}

bool safetensors_declare_digest(SafetensorsWriter *writer, const char *name, Failure *failure)
{
    return safetensors_declare_vector(writer, name, STORED_U8, SHA256_HEX_BYTES - 1, writer->digest,
                                      failure);
}

/* The digest's turn: what was written before it is known now. */
static bool fill_digest(SafetensorsWriter *writer, Failure *failure)
{
    const StoredTensor *tensor = &writer->tensors[writer->next];
    if (tensor->bytes != writer->digest)
        return true;
    atomic_file_digest(writer->file, writer->digest);
    return writer->next == writer->count - 1
        || fail(failure, EX_SOFTWARE, "%s: tensor %s must be the last", writer->file->path,
                tensor->name);
}

/* Write the tensors that were declared with their data, until one that was not. */
static bool write_declared(SafetensorsWriter *writer, Failure *failure)
{
    for (; writer->next < writer->count; writer->next++, writer->written = 0) {
        const StoredTensor *tensor = &writer->tensors[writer->next];
        if (tensor->size == 0 || writer->written == tensor->size)
            continue;
        if (!tensor->bytes)
            return true;
        if (!fill_digest(writer, failure)
            || !atomic_file_write(writer->file, tensor->bytes, tensor->size, failure))
            return false;
    }
    return true;
}

bool safetensors_write(SafetensorsWriter *writer, const char *name, const void *bytes, size_t size,
                       Failure *failure)
{
    if (size == 0)
        return true;
    if (!write_declared(writer, failure))
        return false;
    const StoredTensor *tensor = &writer->tensors[writer->next];
    if (writer->next == writer->count || strcmp(tensor->name, name) != 0)
        return fail(failure, EX_SOFTWARE, "%s: tensor %s is written out of turn",
                    writer->file->path, name);
    if (size > tensor->size - writer->written)
        return fail(failure, EX_SOFTWARE, "%s: tensor %s is longer than was declared",
                    writer->file->path, name);
    writer->written += size;
    return atomic_file_write(writer->file, bytes, size, failure);
}

bool safetensors_finish(SafetensorsWriter *writer, Failure *failure)
{
    return write_declared(writer, failure)
        && (writer->next == writer->count
            || fail(failure, EX_SOFTWARE, "%s: tensor %s is not written to its end",
                    writer->file->path, writer->tensors[writer->next].name));
}
