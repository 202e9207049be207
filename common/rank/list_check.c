#include "common/rank/list_check.h"
#include "common/rank/segment_name.h"

#define BATCH ((size_t)256)
#define MOST_SHOWN ((size_t)80) // of a name

const char *segment_fault(const char *text, size_t length, const KnownVideos *known)
{
    SegmentName name;
    if (!segment_name_parse(&name, text, length))
        return "is no segment; write ID:START";
    if (!known)
        return NULL;
    uint32_t video = text_table_find(&known->ids, name.id, name.id_length);
    if (video == TEXT_NONE)
        return "is of a video that the index doesn't have; predict the contest's segments";
    return name.start < known->frames[video]
        ? NULL
        : "begins behind its video's end; predict the contest's segments";
}

/* What is wrong with the next segment of a list. */
static const char *fault_of(TextTable *seen, const TextKey *key, const KnownVideos *known)
{
    size_t before = seen->count;
    if (before == LIST_MOST_SEGMENTS)
        return "is one more than the 100000 that count; cut the list";
    text_table_enter(seen, key->text, key->length);
    if (seen->count == before)
        return "is in the list twice; remove one";
    return segment_fault(key->text, key->length, known);
}

bool list_check(const ClassRow *row, const CsvReader *reader, const KnownVideos *known,
                Arena scratch, Failure *failure)
{
    TextTable seen;
    TextKey keys[BATCH];
    ClassRow rest = *row;
    if (!text_table_open(&seen, LIST_MOST_SEGMENTS, &scratch, failure))
        return false;
    for (size_t count; (count = segments_next(&rest, keys, BATCH)) > 0;)
        for (size_t i = 0; i < count; i++) {
            const char *fault = fault_of(&seen, &keys[i], known);
            size_t shown = keys[i].length < MOST_SHOWN ? keys[i].length : MOST_SHOWN;
            if (fault)
                return csv_refuse(reader, 1, (size_t)(keys[i].text - reader->fields[1].text),
                                  failure, "class %u: \"%.*s\" %s", row->class, (int)shown,
                                  keys[i].text, fault);
        }
    return true;
}
