#include "common/rank/segment_name.h"
#include "common/rank/number.h"
#include "common/rank/text_table.h"

#define MOST_START ((uint32_t)INT32_MAX) // what predictions have for a start

static bool may_stand_in_id(char byte)
{
    unsigned char code = (unsigned char)byte;
    return code > ' ' && code != ',' && code != '"' && code != 0x7f;
}

static bool check_id(const char *id, size_t length)
{
    for (size_t i = 0; i < length; i++)
        if (!may_stand_in_id(id[i]))
            return false;
    return length > 0 && length <= SEGMENT_MOST_ID_BYTES;
}

bool segment_name_parse(SegmentName *name, const char *text, size_t length)
{
    const char *colon = length ? memrchr(text, ':', length) : NULL;
    if (!colon)
        return false;
    const char *start = colon + 1;
    size_t digits = length - (size_t)(start - text);
    *name = (SegmentName){ .id = text, .id_length = (size_t)(colon - text) };
    return check_id(text, name->id_length) && number_whole(start, digits, &name->start)
        && name->start <= MOST_START && (*start != '0' || digits == 1);
}

int segment_name_compare(const SegmentName *a, const SegmentName *b)
{
    int order = text_compare(a->id, a->id_length, b->id, b->id_length);
    return order ? order : (a->start > b->start) - (a->start < b->start);
}
