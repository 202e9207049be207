#include "common/data/video_wire.h"

#include <string.h>

/* Frames picked from a list that is read from its beginning. */
typedef struct Pick {
    size_t skip, count; // frames before the first one, and frames wanted from there
    uint8_t *to;
    size_t stride;
} Pick;

static void pick_frame(void *context, const void *bytes, size_t size)
{
    Pick *pick = context;
    if (pick->skip > 0)
        pick->skip--;
    else if (pick->count > 0) {
        memcpy(pick->to, bytes, size);
        pick->to += pick->stride;
        pick->count--;
    }
}

void video_copy_frames(const VideoFeature *feature, size_t first, size_t count, uint8_t *to,
                       size_t stride)
{
    if (feature->distance == 0) {
        video_each(feature, pick_frame, &(Pick){ first, count, to, stride });
        return;
    }
    const uint8_t *from = feature->first + first * feature->distance;
    for (size_t i = 0; i < count; i++)
        memcpy(to + i * stride, from + i * feature->distance, feature->width);
}

static void append_floats(void *context, const void *bytes, size_t size)
{
    float **to = context;
    memcpy(*to, bytes, size);
    *to += size / sizeof **to;
}

void video_copy_floats(const VideoFeature *feature, float *to)
{
    if (feature->is_floats)
        video_each(feature, append_floats, &to);
}

static void visit_run(FeatureKind kind, const WireField *run, VideoVisit *visit, void *context)
{
    uint64_t value;
    if (kind != FEATURE_INTEGERS)
        visit(context, run->bytes, run->size);
    else if (run->type == WIRE_VARINT)
        visit(context, &run->value, sizeof run->value);
    else
        for (Wire packed = wire_inside(run); wire_varint(&packed, &value);)
            visit(context, &value, sizeof value);
}

static void visit_all(WireMerged feature, VideoVisit *visit, void *context)
{
    WireField run;
    FeatureValues values = feature_values(feature);
    while (feature_next_run(&values, &run))
        visit_run(values.kind, &run, visit, context);
}

void video_each(const VideoFeature *feature, VideoVisit *visit, void *context)
{
    WireField element;
    WireMerged value = video_value(feature);
    if (!feature->is_list)
        visit_all(value, visit, context);
    else
        while (video_next_element(&value, &element))
            visit_all(video_element(&element), visit, context);
}
