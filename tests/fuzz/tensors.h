/*
 * Tensors: mutations of safetensors files that keep the length of the header right, and often the
 * length of the data too, so that more than the first check is reached.
 */
#ifndef PODIUM_TESTS_FUZZ_TENSORS_H
#define PODIUM_TESTS_FUZZ_TENSORS_H

#include "harness.h"

#include "common/data/safetensors.h"

#include <string.h>

/* The header ends with the last '}' that data can still follow; its length says so. */
static inline size_t repair_tensors(uint8_t *bytes, size_t size, size_t most, unsigned seed)
{
    uint64_t length;
    (void)most;
    if (size < 10 || bytes[8] != '{' || seed % 8 == 0)
        return size;
    memcpy(&length, bytes, sizeof length);
    if (length >= 2 && length <= size - 8 && (bytes[7 + length] == '}' || bytes[7 + length] == ' '))
        return size; // it was the data that changed
    const uint8_t *end = NULL;
    unsigned depth = 0;
    for (const uint8_t *at = bytes + 8; at < bytes + size && !end; at++) {
        depth += *at == '{';
        depth -= *at == '}' && depth > 0;
        end = depth == 0 ? at + 1 : NULL;
    }
    while (end && end < bytes + size && *end == ' ')
        end++;
    length = end ? (uint64_t)(end - bytes) - 8 : size - 8;
    memcpy(bytes, &length, sizeof length);
    return size;
}

#endif
