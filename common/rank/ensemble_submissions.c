/* The members of an ensemble are submissions: ranks of the rated segments in each list. */
#include "common/rank/ensemble_map.h"
#include "common/rank/list_check.h"
#include "common/rank/segment_name.h"
#include "common/rank/submission_rows.h"

#include <stdlib.h>

#define BATCH ((size_t)256) // keys in flight

/* A segment, and where it stood before names were sorted. */
typedef struct Named {
    SegmentName name;
    uint32_t place;
} Named;

/* What is read: the members' files, and the lists of the class at hand. */
typedef struct Reading {
    EnsembleMap *map;
    EnsembleTruth truth;
    SubmissionRows *rows; // [members]
    CsvReader *files;     // [members]
    ClassRow *lists;      // [members]
} Reading;

static int by_class(const void *class, const void *place)
{
    uint32_t a = *(const uint32_t *)class, b = ((const ClassPlace *)place)->class;
    return (a > b) - (a < b);
}

/* Find the lists of a class in all files. */
static bool find_lists(const Reading *reading, uint32_t class, Failure *failure)
{
    for (size_t i = 0; i < reading->map->members; i++) {
        const SubmissionRows *rows = &reading->rows[i];
        const ClassPlace *place =
            bsearch(&class, rows->classes, rows->count, sizeof *rows->classes, by_class);
        if (!place)
            return fail(failure, EX_DATAERR,
                        "%s: class %u is rated but has no line; give submissions with all of the "
                        "truth's classes",
                        rows->path, class);
        if (!class_row_at(&reading->lists[i], &reading->files[i], place->place, failure))
            return false;
    }
    return true;
}

/* The segments of the class at hand, as its lists name them. */
typedef struct Gathering {
    const Reading *reading;
    TextTable names; // rated ones first, then rivals where they are wanted
    size_t rated;    // ratings of the class
    uint32_t *ranks; // [names' capacity, members]
    size_t member;
    bool rivals;
} Gathering;

/* Take the rank of a segment; the first place of one that is there twice. */
static void take_rank(Gathering *at, const TextKey *key, uint32_t rank)
{
    uint32_t place = text_table_find_key(&at->names, key);
    if (place == TEXT_NONE && at->rivals)
        place = text_table_enter(&at->names, key->text, key->length);
    if (place == TEXT_NONE)
        return;
    uint32_t *ranks = at->ranks + (size_t)place * at->reading->map->members;
    if (ranks[at->member] == 0)
        ranks[at->member] = rank;
}

static void take_list(Gathering *at, ClassRow list)
{
    TextKey keys[BATCH];
    size_t rank = 0, top = LIST_MOST_SEGMENTS;
    for (size_t some; rank < top && (some = segments_next(&list, keys, BATCH)) > 0;)
        for (size_t i = 0; i < some && rank < top; i++)
            take_rank(at, &keys[i], (uint32_t)++rank);
}

static int by_name(const void *a, const void *b)
{
    const Named *x = a, *y = b;
    return segment_name_compare(&x->name, &y->name);
}

static bool is_listed(const Gathering *at, size_t place)
{
    const uint32_t *ranks = at->ranks + place * at->reading->map->members;
    for (size_t i = 0; i < at->reading->map->members; i++)
        if (ranks[i])
            return true;
    return false;
}

/* Keep what was gathered: the segments that a member lists, in the order of ids, rated ones first. */
static bool keep_class(const Gathering *at, EnsembleClass *class, const uint8_t *positive,
                       Arena *arena, Arena scratch, Failure *failure)
{
    size_t members = at->reading->map->members, listed = 0, kept = 0;
    Named *order;
    if (!arena_array(&scratch, order, at->names.count, failure))
        return false;
    for (uint32_t i = 0; i < at->names.count; i++) {
        const TextEntry *text = &at->names.entries[i];
        if (!is_listed(at, i))
            continue;
        order[listed].place = i;
        if (!segment_name_parse(&order[listed++].name, text->text, text->length))
            return fail(failure, EX_DATAERR, "class %u: \"%.*s\" is no segment; write ID:START",
                        class->class, text->length < 80 ? (int)text->length : 80, text->text);
    }
    if (listed > 1)
        qsort(order, listed, sizeof *order, by_name);
    for (size_t i = 0; i < listed; i++)
        class->rated += order[i].place < at->rated;
    class->count = listed > at->reading->truth.top ? listed : class->rated;
    if (!ensemble_class_reserve(class, at->reading->map, arena, failure))
        return false;
    for (int rivals = 0; rivals < 2; rivals++)
        for (uint32_t i = 0; i < listed && kept < class->count; i++) {
            size_t place = order[i].place;
            if ((place >= at->rated) != rivals)
                continue;
            class->tie[kept] = i;
            if (!rivals)
                class->positive[kept] = positive[place];
            memcpy(class->ranks + kept++ * members, at->ranks + place * members,
                   members * sizeof *class->ranks);
        }
    return true;
}

/* Enter the ratings of a class that count; their verdicts go to `positive`. */
static void enter_rated(Gathering *at, EnsembleClass *class, size_t number, uint8_t *positive)
{
    const SegmentTruth *truth = at->reading->truth.truth;
    for (uint64_t i = truth->rating_first[number]; i < truth->rating_first[number + 1]; i++) {
        const TextEntry *text = &truth->segments.entries[truth->rating_segment[i]];
        if (truth->rating_part[i] != at->reading->truth.part)
            continue;
        positive[text_table_enter(&at->names, text->text, text->length)] =
            truth->rating_positive[i];
        class->positives += truth->rating_positive[i];
    }
    at->rated = at->names.count;
}

static size_t list_length(ClassRow list, size_t top)
{
    TextKey keys[BATCH];
    size_t length = 0;
    for (size_t some; length < top && (some = segments_next(&list, keys, BATCH)) > 0;)
        length += some;
    return length < top ? length : top;
}

/* One class: its rated segments' ranks in all lists, and its rivals' where lists may be cut. */
static bool gather_class(const Reading *reading, EnsembleClass *class, size_t number, Arena *arena,
                         Arena scratch, Failure *failure)
{
    EnsembleMap *map = reading->map;
    const SegmentTruth *truth = reading->truth.truth;
    const ClassRow *lists = reading->lists;
    size_t room = truth->rating_first[number + 1] - truth->rating_first[number], listed = 0;
    Gathering at = { .reading = reading };
    uint8_t *positive;
    *class = (EnsembleClass){ .class = truth->classes[number] };
    if (!find_lists(reading, class->class, failure))
        return false;
    for (size_t i = 0; i < map->members; i++) {
        size_t length = list_length(lists[i], LIST_MOST_SEGMENTS);
        map->longest = length > map->longest ? length : map->longest;
        listed += length;
    }
    at.rivals = listed > map->top;
    room += at.rivals ? listed : 0;
    if (!text_table_open(&at.names, room, &scratch, failure)
        || !arena_array(&scratch, at.ranks, room * map->members, failure)
        || !arena_array(&scratch, positive, room, failure))
        return false;
    enter_rated(&at, class, number, positive);
    for (at.member = 0; at.member < map->members; at.member++)
        take_list(&at, lists[at.member]);
    return keep_class(&at, class, positive, arena, scratch, failure);
}

/* Whether the part has a rating of the class that is positive. */
static bool counts(const EnsembleTruth *truth, size_t class)
{
    return truth->truth->class_positives[truth->part][class] > 0;
}

static bool read_lists(const Reading *reading, const char *const *paths, Arena *arena,
                       Arena scratch, Failure *failure)
{
    EnsembleMap *map = reading->map;
    for (size_t i = 0; i < map->members; i++)
        if (!submission_rows_read(&reading->rows[i], paths[i], failure)
            || !csv_open(&reading->files[i], paths[i], SUBMISSION_2019_HEADER, failure))
            return false;
    for (size_t class = 0; class < reading->truth.truth->class_count; class ++)
        if (counts(&reading->truth, class)
            && !gather_class(reading, &map->classes[map->class_count++], class, arena, scratch,
                             failure))
            return false;
    return ensemble_map_finish(map, arena, failure);
}

bool ensemble_map_of_submissions(EnsembleMap *map, EnsembleTruth truth, const char *const *paths,
                                 size_t count, Arena *arena, Failure *failure)
{
    Reading reading = { .map = map, .truth = truth };
    Arena gathering = { 0 };
    size_t classes = truth.truth->class_count;
    *map = (EnsembleMap){ .members = count, .top = truth.top, .of_ranks = true };
    bool ok = arena_array(arena, map->classes, classes, failure)
        && arena_array(arena, reading.lists, count, failure)
        && arena_array(arena, reading.files, count, failure)
        && arena_array(arena, reading.rows, count, failure)
        && arena_open(&gathering, ARENA_LARGE, failure)
        && read_lists(&reading, paths, arena, gathering, failure);
    arena_close(&gathering);
    for (size_t i = 0; reading.rows && i < count; i++) {
        csv_close(&reading.files[i]);
        submission_rows_close(&reading.rows[i]);
    }
    return ok;
}
