#include "common/data/vocabulary.h"
#include "common/base/file.h"

#include <csv.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef enum Column {
    INDEX,
    TRAIN_VIDEOS,
    POSITIVE_SEGMENTS,
    SEGMENTS,
    NAME,
    KNOWLEDGE_GRAPH_ID,
    VERTICAL_1,
    VERTICAL_2,
    VERTICAL_3,
    COLUMNS,
    OTHER = COLUMNS,
} Column;

static const char *const column_names[COLUMNS] = { "Index",
                                                   "TrainVideoCount",
                                                   "PositiveSegmentCount",
                                                   "TotalSegmentCount",
                                                   "Name",
                                                   "KnowledgeGraphId",
                                                   "Vertical1",
                                                   "Vertical2",
                                                   "Vertical3" };

#define MOST_FIELDS 64 // in a row; the tables have up to nine

/* What the CSV parser's callbacks share. */
typedef struct Reading {
    const char *path;
    Arena *arena;
    Failure *failure;
    Column columns[MOST_FIELDS]; // of each field, from the header
    size_t fields;               // in the header
    size_t field;                // number of the current one in its row
    size_t line;                 // number of the current row's first line, from 1
    size_t newlines;             // in the current row's quoted fields
    bool header_done;
    const char *row[COLUMNS];
    Vocabulary *vocabulary;
    size_t capacity;
} Reading;

static Column column_of(const char *name)
{
    for (size_t i = 0; i < COLUMNS; i++)
        if (strcmp(column_names[i], name) == 0)
            return (Column)i;
    return OTHER;
}

static void take_field(void *bytes, size_t length, void *context)
{
    Reading *reading = context;
    size_t field = reading->field++;
    if (reading->failure->code != EX_OK)
        return;
    char *text = arena_copy(reading->arena, bytes, length, reading->failure);
    for (size_t i = 0; text && i < length; i++)
        reading->newlines += text[i] == '\n';
    if (field >= MOST_FIELDS)
        fail(reading->failure, EX_DATAERR, "%s:%zu: more than %d fields", reading->path,
             reading->line, MOST_FIELDS);
    else if (text && !reading->header_done)
        reading->columns[field] = column_of(text);
    else if (text && field < reading->fields && reading->columns[field] != OTHER)
        reading->row[reading->columns[field]] = text;
}

/* A whole number below `bound`, which must be all of the text. */
static bool number_of(const char *text, uint64_t bound, uint64_t *number)
{
    uint64_t value = 0;
    for (const char *digit = text; *digit; digit++) {
        if (*digit < '0' || *digit > '9' || value >= bound)
            return false;
        value = 10 * value + (uint64_t)(*digit - '0');
    }
    *number = value;
    return *text && value < bound;
}

static bool take_header(Reading *reading)
{
    reading->header_done = true;
    reading->fields = reading->field;
    for (size_t i = 0; i < reading->fields; i++)
        if (reading->columns[i] == INDEX)
            return true;
    return fail(reading->failure, EX_DATAERR, "%s:1: no column Index; not a vocabulary",
                reading->path);
}

static VocabularyClass *next_class(Reading *reading)
{
    Vocabulary *vocabulary = reading->vocabulary;
    if (vocabulary->count == reading->capacity) {
        VocabularyClass *more;
        reading->capacity = reading->capacity ? 2 * reading->capacity : 1024;
        if (!arena_array(reading->arena, more, reading->capacity, reading->failure))
            return NULL;
        if (vocabulary->count)
            memcpy(more, vocabulary->classes, vocabulary->count * sizeof *more);
        vocabulary->classes = more;
    }
    return &vocabulary->classes[vocabulary->count++];
}

static const char *text_of(const Reading *reading, Column column)
{
    return reading->row[column] ? reading->row[column] : "";
}

/* A count, 0 where the column is missing or empty. */
static bool count_of(const Reading *reading, Column column, uint64_t *count)
{
    const char *text = text_of(reading, column);
    *count = 0;
    return *text == 0 || number_of(text, (uint64_t)1 << 48, count)
        || fail(reading->failure, EX_DATAERR, "%s:%zu: %s is no count: \"%.40s\"", reading->path,
                reading->line, column_names[column], text);
}

static bool take_row(Reading *reading)
{
    uint64_t index;
    if (reading->field != reading->fields)
        return fail(reading->failure, EX_DATAERR, "%s:%zu: %zu fields; the header has %zu",
                    reading->path, reading->line, reading->field, reading->fields);
    if (!number_of(text_of(reading, INDEX), VOCABULARY_MOST_CLASSES, &index))
        return fail(reading->failure, EX_DATAERR, "%s:%zu: Index is no class: \"%.40s\"",
                    reading->path, reading->line, text_of(reading, INDEX));
    VocabularyClass *class = next_class(reading);
    if (!class)
        return false;
    class->index = (uint32_t)index;
    class->name = text_of(reading, NAME);
    class->knowledge_graph_id = text_of(reading, KNOWLEDGE_GRAPH_ID);
    for (size_t i = 0; i < 3; i++)
        class->verticals[i] = text_of(reading, (Column)(VERTICAL_1 + i));
    return count_of(reading, TRAIN_VIDEOS, &class->train_videos)
        && count_of(reading, POSITIVE_SEGMENTS, &class->positive_segments)
        && count_of(reading, SEGMENTS, &class->segments);
}

static void end_row(int terminator, void *context)
{
    Reading *reading = context;
    (void)terminator;
    if (reading->failure->code == EX_OK
        && (reading->header_done ? take_row(reading) : take_header(reading)))
        memset(reading->row, 0, sizeof reading->row);
    reading->line += 1 + reading->newlines;
    reading->newlines = 0;
    reading->field = 0;
}

static bool parse(Reading *reading, const char *text, size_t size)
{
    struct csv_parser parser;
    if (csv_init(&parser, CSV_STRICT | CSV_STRICT_FINI) != 0)
        return fail(reading->failure, EX_OSERR, "%s: out of memory", reading->path);
    bool ok = csv_parse(&parser, text, size, take_field, end_row, reading) == size
        && csv_fini(&parser, take_field, end_row, reading) == 0;
    if (!ok)
        fail(reading->failure, EX_DATAERR, "%s:%zu: %s", reading->path, reading->line,
             csv_strerror(csv_error(&parser)));
    csv_free(&parser);
    return reading->failure->code == EX_OK;
}

static int by_index(const void *a, const void *b)
{
    uint32_t x = ((const VocabularyClass *)a)->index, y = ((const VocabularyClass *)b)->index;
    return (x > y) - (x < y);
}

bool vocabulary_read(Vocabulary *vocabulary, const char *path, Arena *arena, Failure *failure)
{
    char *text;
    size_t size;
    *vocabulary = (Vocabulary){ 0 };
    if (!file_read(path, arena, &text, &size, failure))
        return false;
    size_t mark = size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0 ? 3 : 0; // of byte order
    Reading reading = {
        .path = path, .arena = arena, .failure = failure, .line = 1, .vocabulary = vocabulary
    };
    if (!parse(&reading, text + mark, size - mark))
        return false;
    if (vocabulary->count == 0)
        return fail(failure, EX_DATAERR, "%s: has no classes", path);
    qsort(vocabulary->classes, vocabulary->count, sizeof *vocabulary->classes, by_index);
    for (size_t i = 1; i < vocabulary->count; i++)
        if (vocabulary->classes[i].index == vocabulary->classes[i - 1].index)
            return fail(failure, EX_DATAERR, "%s: class %u is there twice", path,
                        vocabulary->classes[i].index);
    return true;
}

const VocabularyClass *vocabulary_class(const Vocabulary *vocabulary, uint32_t index)
{
    VocabularyClass key = { .index = index };
    return vocabulary->count
        ? bsearch(&key, vocabulary->classes, vocabulary->count, sizeof key, by_index)
        : NULL;
}

static int by_number(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
    return (x > y) - (x < y);
}

bool segment_classes_read(uint32_t **classes, size_t *count, const char *path, Arena *arena,
                          Failure *failure)
{
    char *text;
    size_t size, found = 0, line = 0;
    *count = 0;
    if (!file_read(path, arena, &text, &size, failure)
        || !arena_array(arena, *classes, size / 2 + 1, failure)) // a digit and a newline each
        return false;
    for (char *rest = text, *next; (next = strsep(&rest, "\n"));) {
        uint64_t number;
        line++;
        next += strspn(next, " \t");
        next[strcspn(next, " \t\r")] = 0;
        if (!*next || next[strspn(next, "0123456789")])
            continue;
        if (!number_of(next, VOCABULARY_MOST_CLASSES, &number))
            return fail(failure, EX_DATAERR, "%s:%zu: %.40s is no class", path, line, next);
        (*classes)[found++] = (uint32_t)number;
    }
    if (found == 0)
        return fail(failure, EX_DATAERR, "%s: has no classes", path);
    qsort(*classes, found, sizeof **classes, by_number);
    for (size_t i = 0; i < found; i++)
        if (*count == 0 || (*classes)[*count - 1] != (*classes)[i])
            (*classes)[(*count)++] = (*classes)[i];
    return true;
}
