#include "common/learn/checkpoint.h"

#include <stdlib.h>
#include <string.h>

#define OPTIMIZER "optimizer/"
#define STORED_REAL (sizeof(real) == sizeof(float) ? STORED_F32 : STORED_F64)
#define STAGING_BYTES ((size_t)4 << 20)

/* An array on the device and its name in the file. */
typedef struct Item {
    const char *name;
    real *data;
    const Shape *shape;
} Item;

typedef struct Items {
    Item *item;
    size_t count;
} Items;

static bool add_items(Items *items, const char *prefix, const Parameters *p, real *const data[],
                      Arena *arena, Failure *failure)
{
    for (size_t i = 0; i < p->count; i++) {
        if (!data[i])
            continue;
        char *name = arena_format(arena, failure, "%s%s", prefix, p->slot[i].name);
        if (!name)
            return false;
        items->item[items->count++] = (Item){ name, data[i], &p->slot[i].shape };
    }
    return true;
}

static bool optimiser_items(Items *items, const Optimiser *optimiser, Arena *arena,
                            Failure *failure)
{
    const Parameters *p = optimiser->parameters;
    items->count = 0;
    return arena_array(arena, items->item, 2 * p->count, failure)
        && add_items(items, OPTIMIZER "mean/", p, optimiser->mean, arena, failure)
        && add_items(items, OPTIMIZER "square/", p, optimiser->square, arena, failure);
}

static bool parameter_items(Items *items, const Parameters *p, Arena *arena, Failure *failure)
{
    items->count = 0;
    return arena_array(arena, items->item, p->count, failure)
        && add_items(items, "", p, p->value, arena, failure);
}

static bool declare(SafetensorsWriter *writer, const Items *items, Failure *failure)
{
    for (size_t i = 0; i < items->count; i++) {
        const Item *item = &items->item[i];
        uint64_t axes[SHAPE_MOST_AXES];
        for (size_t axis = 0; axis < item->shape->rank; axis++)
            axes[axis] = item->shape->axes[axis];
        if (!safetensors_declare(writer, item->name, STORED_REAL, item->shape->rank, axes, NULL,
                                 failure))
            return false;
    }
    return true;
}

static const Item *find(const Items *items, const char *name)
{
    for (size_t i = 0; i < items->count; i++)
        if (strcmp(items->item[i].name, name) == 0)
            return &items->item[i];
    return NULL;
}

static bool write_item(SafetensorsWriter *writer, const Item *item, const Device *device,
                       char *staging, Failure *failure)
{
    const char *data = (const char *)item->data;
    size_t size = shape_elements(*item->shape) * sizeof(real);
    for (size_t at = 0; at < size; at += STAGING_BYTES) {
        size_t part = size - at < STAGING_BYTES ? size - at : STAGING_BYTES;
        device->download(device, staging, data + at, part);
        if (!safetensors_write(writer, item->name, staging, part, failure))
            return false;
    }
    return true;
}

/* What is on the device, in the order that the file has. */
static bool write_items(SafetensorsWriter *writer, const Items *parameters, const Items *optimiser,
                        const Device *device, Failure *failure)
{
    char *staging;
    if (!arena_array(writer->arena, staging, STAGING_BYTES, failure))
        return false;
    for (size_t i = 0; i < writer->count; i++) {
        if (writer->tensors[i].bytes)
            continue;
        const Item *item = find(parameters, writer->tensors[i].name);
        if (!item)
            item = find(optimiser, writer->tensors[i].name);
        if (item && !write_item(writer, item, device, staging, failure))
            return false;
    }
    return true;
}

static bool note_optimiser(SafetensorsWriter *writer, const Optimiser *optimiser, Failure *failure)
{
    char step[32];
    snprintf(step, sizeof step, "%llu", (unsigned long long)optimiser->step);
    return safetensors_note(writer, OPTIMIZER "step", step, failure);
}

bool checkpoint_write(SafetensorsWriter *writer, AtomicFile *file, const char *kind,
                      const Parameters *parameters, const Optimiser *optimiser, Failure *failure)
{
    Items values = { 0 }, state = { 0 };
    return parameter_items(&values, parameters, writer->arena, failure)
        && (!optimiser || optimiser_items(&state, optimiser, writer->arena, failure))
        && (!optimiser || note_optimiser(writer, optimiser, failure))
        && safetensors_note(writer, "kind", kind, failure)
        && safetensors_note(writer, "format", CHECKPOINT_FORMAT, failure)
        && declare(writer, &values, failure) && declare(writer, &state, failure)
        && safetensors_start(writer, file, failure)
        && write_items(writer, &values, &state, parameters->device, failure)
        && parameters->device->check(parameters->device, failure)
        && safetensors_finish(writer, failure);
}

bool checkpoint_open(SafetensorsReader *reader, const char *path, const char *kind, Arena *arena,
                     Failure *failure)
{
    if (!safetensors_open(reader, path, arena, failure))
        return false;
    const char *found = safetensors_metadata(reader, "kind");
    const char *format = safetensors_metadata(reader, "format");
    if (!found || strcmp(found, kind) != 0)
        fail(failure, EX_DATAERR, "%s: not a %s%s%s", path, kind, found ? " but " : "",
             found ? found : "");
    else if (!format || strcmp(format, CHECKPOINT_FORMAT) != 0)
        fail(failure, EX_DATAERR, "%s: a %s of format %s; this program reads format %s", path, kind,
             format ? format : "unknown", CHECKPOINT_FORMAT);
    else
        return true;
    safetensors_close(reader);
    return false;
}

static bool shape_agrees(const StoredTensor *tensor, const Shape *shape)
{
    bool same = tensor->axes == shape->rank;
    for (size_t i = 0; i < shape->rank && same; i++)
        same = tensor->shape[i] == shape->axes[i];
    return same;
}

static void stored_shape_text(const StoredTensor *tensor, char text[128])
{
    size_t at = 1;
    memcpy(text, "[", 2);
    for (size_t i = 0; i < tensor->axes && at < 100; i++)
        at += (size_t)snprintf(text + at, 128 - at, "%s%llu", i ? ", " : "",
                               (unsigned long long)tensor->shape[i]);
    memcpy(text + at, "]", 2);
}

static bool load_item(const SafetensorsReader *reader, const Item *item, const Device *device,
                      Failure *failure)
{
    char found[128], wanted[96];
    const StoredTensor *tensor = safetensors_find(reader, item->name);
    if (!tensor)
        return fail(failure, EX_DATAERR, "%s: no tensor %s; it belongs to another model",
                    reader->path, item->name);
    if (tensor->type != STORED_REAL)
        return fail(failure, EX_DATAERR, "%s: tensor %s is %s; it must be %s", reader->path,
                    item->name, stored_type_name(tensor->type), stored_type_name(STORED_REAL));
    if (!shape_agrees(tensor, item->shape)) {
        stored_shape_text(tensor, found);
        return fail(failure, EX_DATAERR, "%s: tensor %s is %s; the model's is %s", reader->path,
                    item->name, found, shape_text(*item->shape, wanted));
    }
    device->upload(device, item->data, tensor->bytes, tensor->size);
    return true;
}

static bool has_parameter(const Parameters *parameters, const char *name)
{
    for (size_t i = 0; i < parameters->count; i++)
        if (strcmp(parameters->slot[i].name, name) == 0)
            return true;
    return false;
}

bool checkpoint_load(const SafetensorsReader *reader, Parameters *parameters, Failure *failure)
{
    for (size_t i = 0; i < reader->count; i++) {
        const char *name = reader->tensors[i].name;
        bool own = strncmp(name, OPTIMIZER, strlen(OPTIMIZER)) == 0
            || strncmp(name, CHECKPOINT_OTHER, strlen(CHECKPOINT_OTHER)) == 0;
        if (!own && !has_parameter(parameters, name))
            return fail(failure, EX_DATAERR,
                        "%s: tensor %s is not in the model; it belongs to another one",
                        reader->path, name);
    }
    for (size_t i = 0; i < parameters->count; i++) {
        const ParameterSlot *slot = &parameters->slot[i];
        Item item = { slot->name, parameters->value[i], &slot->shape };
        if (!load_item(reader, &item, parameters->device, failure))
            return false;
    }
    return true;
}

bool checkpoint_load_optimiser(const SafetensorsReader *reader, Optimiser *optimiser, Arena scratch,
                               Failure *failure)
{
    Items items = { 0 };
    const char *step = safetensors_metadata(reader, OPTIMIZER "step");
    if (!step)
        return fail(failure, EX_DATAERR,
                    "%s: holds no optimiser; save one with train --save-optimizer", reader->path);
    if (!optimiser_items(&items, optimiser, &scratch, failure))
        return false;
    for (size_t i = 0; i < items.count; i++)
        if (!load_item(reader, &items.item[i], optimiser->parameters->device, failure))
            return false;
    optimiser->step = strtoull(step, NULL, 10);
    return true;
}
