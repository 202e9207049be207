#include "common/rank/submission_csv.h"
#include "common/rank/number.h"
#include "common/rank/segment_split.h"

#include <stdlib.h>

static ScoredClass *add_pair(VideoRow *row, const CsvReader *reader, Failure *failure)
{
    if (row->count == row->capacity) {
        size_t capacity = row->capacity ? 2 * row->capacity : 64;
        ScoredClass *pairs = realloc(row->pairs, capacity * sizeof *pairs);
        if (!pairs) {
            fail(failure, EX_OSERR, "%s:%zu: out of memory for %zu pairs", reader->path,
                 reader->line, capacity);
            return NULL;
        }
        row->pairs = pairs;
        row->capacity = capacity;
    }
    return &row->pairs[row->count++];
}

static int shown(size_t length)
{
    return length < 40 ? (int)length : 40;
}

static bool take_pair(VideoRow *row, const CsvReader *reader, const char **at, const char *word,
                      size_t length, Failure *failure)
{
    const CsvField *field = &reader->fields[1];
    ScoredClass *pair = add_pair(row, reader, failure);
    size_t offset = (size_t)(word - field->text);
    const char *class = word;
    int class_length = shown(length);
    if (!pair)
        return false;
    if (!number_whole(word, length, &pair->class))
        return csv_refuse(reader, 1, offset, failure,
                          "\"%.*s\" is no class; write pairs CLASS SCORE", class_length, word);
    if (!segment_split_word(at, field->text + field->length, &word, &length))
        return csv_refuse(reader, 1, offset, failure,
                          "class %.*s has no score; write pairs CLASS SCORE", class_length, class);
    if (!number_real(word, length, &pair->score))
        return csv_refuse(reader, 1, (size_t)(word - field->text), failure,
                          "the score \"%.*s\" is no finite number; write one", shown(length), word);
    return true;
}

bool video_row_next(VideoRow *row, CsvReader *reader, Failure *failure)
{
    if (!csv_next(reader, failure))
        return false;
    const CsvField *fields = reader->fields;
    const char *at = fields[1].text, *word;
    size_t length;
    row->id = fields[0].text;
    row->id_length = fields[0].length;
    row->count = 0;
    if (row->id_length == 0)
        return csv_refuse(reader, 0, 0, failure, "the id is empty; name the video of this row");
    while (segment_split_word(&at, fields[1].text + fields[1].length, &word, &length))
        if (!take_pair(row, reader, &at, word, length, failure))
            return false;
    return true;
}

void video_row_free(VideoRow *row)
{
    free(row->pairs);
    *row = (VideoRow){ 0 };
}

/* The row that the reader has. */
static bool take_class_row(ClassRow *row, CsvReader *reader, Failure *failure)
{
    const CsvField *fields = reader->fields;
    row->at = fields[1].text;
    row->end = fields[1].text + fields[1].length;
    return number_whole(fields[0].text, fields[0].length, &row->class)
        || csv_refuse(reader, 0, 0, failure, "\"%.*s\" is no class; write a whole number",
                      shown(fields[0].length), fields[0].text);
}

bool class_row_next(ClassRow *row, CsvReader *reader, Failure *failure)
{
    return csv_next(reader, failure) && take_class_row(row, reader, failure);
}

bool class_rows_end(const CsvReader *reader, Failure *failure)
{
    return reader->end[-1] == '\n' || reader->end[-1] == '\r'
        || fail(failure, EX_DATAERR,
                "%s:%zu: the last row has no newline: the file is cut off; write it again",
                reader->path, reader->line);
}

bool class_row_at(ClassRow *row, CsvReader *reader, CsvPlace place, Failure *failure)
{
    return csv_read_at(reader, place, failure) && take_class_row(row, reader, failure);
}

/* The first bytes of a text of which 16 can be read, zeros behind its end. */
static inline uint64_t word_of(const char *text, size_t offset, size_t length)
{
    uint64_t word;
    memcpy(&word, text + offset, sizeof word);
    size_t bytes = length > offset ? length - offset : 0;
    return bytes >= sizeof word ? word : word & (((uint64_t)1 << 8 * bytes) - 1);
}

/* The key of an id of which 16 bytes can be read. */
static inline TextKey key_of(const char *text, size_t length)
{
    if (length > SEGMENT_SPLIT_WHOLE)
        return text_key(text, length);
    TextKey key = { text, length, { word_of(text, 0, length), word_of(text, 8, length) }, 0 };
    key.hash = text_hash_words(key.words[0], key.words[1], length);
    return key;
}

size_t segments_next(ClassRow *row, TextKey *keys, size_t most)
{
    size_t count = 0, length;
    const char *text;
    SegmentBlock block;
    while (count < most) {
        bool room = most - count >= SEGMENT_SPLIT_MOST;
        if (count > 0 && !room)
            break; // no room for another block: rather the next call's first
        if (room && segment_block_open(&block, row)) {
            while (segment_block_next(&block, &text, &length))
                keys[count++] = key_of(text, length);
            segment_block_close(&block, row);
            continue;
        }
        if (!segment_split_word(&row->at, row->end, &text, &length))
            break;
        keys[count++] = text_key(text, length);
    }
    return count;
}
