/*
 * Segment name: ID:START, as submissions write a segment. START is in seconds, without leading zeros.
 *
 * Source: spec/data-and-metrics 6.6, 8.2.
 */
#ifndef PODIUM_RANK_SEGMENT_NAME_H
#define PODIUM_RANK_SEGMENT_NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEGMENT_MOST_ID_BYTES ((size_t)64)

/* A name's parts; the id borrows its text. */
typedef struct SegmentName {
    const char *id;
    size_t id_length;
    uint32_t start;
} SegmentName;

/*
 * Take a name apart at its last colon. false: no colon, an empty id or one of more than
 * SEGMENT_MOST_ID_BYTES, a byte in it that can't stand in CSV as it is (a control, a blank, a comma, a
 * quote), a start that is no whole number from 0 below 2^31 or has leading zeros.
 */
bool segment_name_parse(SegmentName *name, const char *text, size_t length);

/* The order of two segments: by the id's bytes, then by the start; equal only for the same segment. */
int segment_name_compare(const SegmentName *a, const SegmentName *b);

#endif
