/*
 * Wire: protobuf's wire format, field by field, without a copy.
 *
 *   message = (tag varint | value)*          tag = number << 3 | type
 *   value   = varint | 8 bytes | length varint, bytes | 4 bytes    for the types 0, 1, 2, 5
 *
 * Every field is read whole, known or not, so skipping one is ignoring it, and nothing here
 * recurses: a reader goes as deep as its own loops do. Types 3 and 4 (groups) are refused: no
 * message of the dataset has them.
 *
 * Source: protobuf's encoding guide.
 */
#ifndef PODIUM_DATA_WIRE_H
#define PODIUM_DATA_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum WireType { WIRE_VARINT = 0, WIRE_64 = 1, WIRE_BYTES = 2, WIRE_32 = 5 } WireType;

/* What is left of a message. */
typedef struct Wire {
    const uint8_t *next, *end;
    const char *problem; // NULL, or what is wrong at `next`; stays once it is set
} Wire;

typedef struct WireField {
    uint32_t number;
    WireType type;
    uint64_t value;       // of types VARINT, 64 and 32
    const uint8_t *bytes; // of type BYTES; of 64 and 32 the value's own bytes
    size_t size;
    const uint8_t *begin; // of the field: its tag
} WireField;

/* A message in memory, or the submessage (or packed list) that a field holds. */
Wire wire_of(const void *bytes, size_t size);
Wire wire_inside(const WireField *field);

/*
 * Read the next field: true while there is one, false at the end and where the bytes are malformed
 * (wire->problem says what, wire->next where).
 */
bool wire_next(Wire *wire, WireField *field);

/* Read the next number of a packed list; false as wire_next. Bits beyond the 64th are dropped. */
bool wire_varint(Wire *wire, uint64_t *value);

/* How many numbers `size` bytes of packed varints hold: the bytes that end one. */
size_t wire_count_varints(const uint8_t *bytes, size_t size);

/*
 * The fields of a submessage that may stand in several pieces: protobuf merges a repeated singular
 * submessage, which is the same as reading the pieces one after another.
 */
typedef struct WireMerged {
    Wire outer;      // the message that holds the pieces
    uint32_t number; // of the field that they have there
    Wire inner;      // the piece being read
} WireMerged;

WireMerged wire_merged(Wire outer, uint32_t number);

/* As wire_next, over all pieces. */
bool wire_merged_next(WireMerged *merged, WireField *field);

/* The part of a merged reader that is malformed, or NULL. */
const Wire *wire_merged_problem(const WireMerged *merged);

#endif
