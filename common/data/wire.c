#include "common/data/wire.h"

#include <string.h>

#define VARINT_MOST_BYTES 10 // 64 bits, seven a byte

Wire wire_of(const void *bytes, size_t size)
{
    static const uint8_t nothing[1];
    const uint8_t *next = bytes ? bytes : nothing;
    return (Wire){ next, next + (bytes ? size : 0), NULL };
}

Wire wire_inside(const WireField *field)
{
    return wire_of(field->bytes, field->size);
}

static bool malformed(Wire *wire, const char *problem)
{
    wire->problem = problem;
    return false;
}

bool wire_varint(Wire *wire, uint64_t *value)
{
    const uint8_t *at = wire->next;
    if (wire->problem || at == wire->end)
        return false;
    *value = 0;
    for (unsigned i = 0; i < VARINT_MOST_BYTES; i++) {
        if (at + i == wire->end)
            return malformed(wire, "a number is cut off");
        *value |= (uint64_t)(at[i] & 0x7f) << 7 * i;
        if (at[i] < 0x80) {
            wire->next = at + i + 1;
            return true;
        }
    }
    return malformed(wire, "a number is longer than 10 bytes");
}

/* A number that must be there. */
static bool need_varint(Wire *wire, uint64_t *value)
{
    if (wire->next == wire->end)
        return malformed(wire, "a number is missing");
    return wire_varint(wire, value);
}

static bool take(Wire *wire, WireField *field, uint64_t size)
{
    if (size > (uint64_t)(wire->end - wire->next))
        return malformed(wire, "a field is longer than the message that holds it");
    field->bytes = wire->next;
    field->size = size;
    wire->next += size;
    return true;
}

static bool take_fixed(Wire *wire, WireField *field, size_t size)
{
    if (!take(wire, field, size))
        return false;
    memcpy(&field->value, field->bytes, size);
    return true;
}

static bool read_value(Wire *wire, WireField *field)
{
    uint64_t size;
    switch (field->type) {
    case WIRE_VARINT:
        return need_varint(wire, &field->value);
    case WIRE_64:
        return take_fixed(wire, field, 8);
    case WIRE_BYTES:
        return need_varint(wire, &size) && take(wire, field, size);
    case WIRE_32:
        return take_fixed(wire, field, 4);
    }
    return malformed(wire, "a field has a wire type other than 0, 1, 2 and 5");
}

bool wire_next(Wire *wire, WireField *field)
{
    uint64_t tag;
    const uint8_t *begin = wire->next;
    if (!wire_varint(wire, &tag))
        return false;
    field->number = (uint32_t)(tag >> 3);
    field->type = (WireType)(tag & 7);
    field->value = 0;
    field->bytes = NULL;
    field->size = 0;
    field->begin = begin;
    if (tag > UINT32_MAX || field->number == 0) {
        wire->next = begin;
        return malformed(wire, "a field has a number that protobuf doesn't allow");
    }
    return read_value(wire, field);
}

size_t wire_count_varints(const uint8_t *bytes, size_t size)
{
    size_t count = 0;
    for (size_t i = 0; i < size; i++)
        count += bytes[i] < 0x80;
    return count;
}

WireMerged wire_merged(Wire outer, uint32_t number)
{
    return (WireMerged){ .outer = outer, .number = number, .inner = wire_of(NULL, 0) };
}

bool wire_merged_next(WireMerged *merged, WireField *field)
{
    WireField piece;
    while (!wire_next(&merged->inner, field)) {
        if (merged->inner.problem)
            return false;
        do {
            if (!wire_next(&merged->outer, &piece))
                return false;
        } while (piece.number != merged->number || piece.type != WIRE_BYTES);
        merged->inner = wire_inside(&piece);
    }
    return true;
}

const Wire *wire_merged_problem(const WireMerged *merged)
{
    if (merged->inner.problem)
        return &merged->inner;
    return merged->outer.problem ? &merged->outer : NULL;
}
