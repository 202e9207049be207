#include "common/learn/parameters.h"
#include "common/learn/initialise.h"

#define WIDTHS "model (its widths, clusters, experts or layers)"
#define ALIGNMENT ((size_t)64)    // bytes: a cache line, a vector
#define STAGING ((size_t)1 << 20) // elements drawn on the host before they are uploaded

static size_t aligned_bytes(size_t elements)
{
    return (elements * sizeof(real) + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
}

static size_t block_bytes(const Parameters *parameters, bool only_trained)
{
    size_t bytes = 0;
    for (size_t i = 0; i < parameters->count; i++)
        if (parameters->slot[i].trained || !only_trained)
            bytes += aligned_bytes(parameters->elements[i]);
    return bytes;
}

bool parameters_block(const Parameters *parameters, bool only_trained, real *slots[], void **block,
                      size_t *bytes, Failure *failure)
{
    const Device *device = parameters->device;
    *bytes = block_bytes(parameters, only_trained);
    *block = device->allocate(device, *bytes);
    if (!*block)
        return device_refuse(device, "a block for all parameters", *bytes, WIDTHS, failure);
    device->clear(device, *block, *bytes);
    char *next = *block;
    for (size_t i = 0; i < parameters->count; i++) {
        bool wanted = parameters->slot[i].trained || !only_trained;
        slots[i] = wanted ? (real *)next : NULL;
        next += wanted ? aligned_bytes(parameters->elements[i]) : 0;
    }
    return true;
}

/* Matrices are what products read. */
static bool hold_matrices(const Parameters *p, Failure *failure)
{
    const Device *device = p->device;
    for (size_t i = 0; device->hold && i < p->count; i++) {
        const Shape *shape = &p->slot[i].shape;
        size_t width = shape->rank ? shape->axes[shape->rank - 1] : 0;
        if (p->slot[i].trained && shape->rank > 1 && width
            && !device->hold(device, p->value[i], p->elements[i] / width, width))
            return device_refuse(device, "a rounded parameter", p->elements[i] * sizeof(uint16_t),
                                 WIDTHS, failure);
    }
    return true;
}

bool parameters_create(Parameters *parameters, const Graph *g, const Device *device,
                       bool with_gradients, Arena *arena, Failure *failure)
{
    Parameters *p = parameters;
    *p = (Parameters){ .device = device, .count = graph_parameter_count(g) };
    if (!arena_array(arena, p->slot, p->count, failure)
        || !arena_array(arena, p->elements, p->count, failure)
        || !arena_array(arena, p->value, p->count, failure)
        || !arena_array(arena, p->gradient, p->count, failure))
        return false;
    for (size_t i = 0; i < p->count; i++) {
        p->slot[i] = graph_parameter(g, i);
        p->elements[i] = shape_elements(p->slot[i].shape);
    }
    if (parameters_block(p, false, p->value, &p->values, &p->value_bytes, failure)
        && hold_matrices(p, failure)
        && (!with_gradients
            || parameters_block(p, true, p->gradient, &p->gradients, &p->gradient_bytes, failure)))
        return true;
    parameters_destroy(p);
    return false;
}

void parameters_destroy(Parameters *parameters)
{
    if (parameters->values)
        parameters->device->release(parameters->device, parameters->values,
                                    parameters->value_bytes);
    if (parameters->gradients)
        parameters->device->release(parameters->device, parameters->gradients,
                                    parameters->gradient_bytes);
    parameters->values = parameters->gradients = NULL;
}

bool parameters_initialise(Parameters *parameters, uint64_t seed, Arena scratch, Failure *failure)
{
    real *staging;
    if (!arena_array(&scratch, staging, STAGING, failure))
        return false;
    for (size_t i = 0; i < parameters->count; i++) {
        const ParameterSlot *slot = &parameters->slot[i];
        for (size_t first = 0; first < parameters->elements[i]; first += STAGING) {
            size_t left = parameters->elements[i] - first, count = left < STAGING ? left : STAGING;
            initialise(staging, first, count, slot->initializer, seed, slot->name);
            parameters->device->upload(parameters->device, parameters->value[i] + first, staging,
                                       count * sizeof *staging);
        }
    }
    return true;
}

size_t parameters_trained(const Parameters *parameters)
{
    size_t trained = 0;
    for (size_t i = 0; i < parameters->count; i++)
        trained += parameters->slot[i].trained ? parameters->elements[i] : 0;
    return trained;
}
