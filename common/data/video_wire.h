/*
 * Where a video's features stand on the wire: what parsing and copying share.
 */
#ifndef PODIUM_DATA_VIDEO_WIRE_H
#define PODIUM_DATA_VIDEO_WIRE_H

#include "common/data/video.h"

#define VIDEO_VALUE 2   // of a map entry
#define VIDEO_ELEMENT 1 // FeatureList.feature

/* The Feature or FeatureList in a map entry: merged, where the entry has several values. */
static inline WireMerged video_value(const VideoFeature *feature)
{
    return wire_merged(wire_of(feature->wire, feature->wire_size), VIDEO_VALUE);
}

/* The Feature that one element of a FeatureList is. */
static inline WireMerged video_element(const WireField *element)
{
    WireMerged merged = wire_merged(wire_of(NULL, 0), VIDEO_VALUE);
    merged.inner = wire_inside(element);
    return merged;
}

static inline bool video_next_element(WireMerged *list, WireField *element)
{
    while (wire_merged_next(list, element))
        if (element->number == VIDEO_ELEMENT && element->type == WIRE_BYTES)
            return true;
    return false;
}

#endif
