#include "common/rank/submission_csv.h"
#include "common/rank/number.h"

#include <stdlib.h>

/* The next word of a field that blanks separate; false where there is none. */
static bool next_word(const char **at, const char *end, const char **word, size_t *length)
{
    while (*at < end && **at == ' ')
        ++*at;
    const char *stop = memchr(*at, ' ', (size_t)(end - *at));
    stop = stop ? stop : end;
    *word = *at;
    *length = (size_t)(stop - *at);
    *at = stop;
    return *length > 0;
}

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
    if (!next_word(at, field->text + field->length, &word, &length))
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
    while (next_word(&at, fields[1].text + fields[1].length, &word, &length))
        if (!take_pair(row, reader, &at, word, length, failure))
            return false;
    return true;
}

void video_row_free(VideoRow *row)
{
    free(row->pairs);
    *row = (VideoRow){ 0 };
}

bool class_row_next(ClassRow *row, CsvReader *reader, Failure *failure)
{
    if (!csv_next(reader, failure))
        return false;
    const CsvField *fields = reader->fields;
    row->at = fields[1].text;
    row->end = fields[1].text + fields[1].length;
    return number_whole(fields[0].text, fields[0].length, &row->class)
        || csv_refuse(reader, 0, 0, failure, "\"%.*s\" is no class; write a whole number",
                      shown(fields[0].length), fields[0].text);
}

#define BLOCK_BYTES 64                // as many as a mask has bits
#define MOST_IDS_A_BLOCK ((size_t)32) // a byte and a blank each

/* A bit for each blank among 8 bytes: the lowest for the first. */
static inline uint64_t blanks_of(const char *bytes)
{
    const uint64_t lows = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    word ^= UINT64_C(0x2020202020202020); // zero where a blank is
    uint64_t tops = ~(((word & lows) + lows) | word | lows) >> 7;
    return tops * UINT64_C(0x0102040810204080) >> 56; // gathers the bytes' lowest bits
}

/* The key of a short text of which 16 bytes can be read. */
static inline TextKey short_key(const char *text, size_t length)
{
    TextKey key = { .text = text, .length = length };
    uint64_t words[2];
    memcpy(words, text, sizeof words);
    unsigned bits = (unsigned)length * 8;
    key.words[0] = words[0] & (bits < 64 ? ((uint64_t)1 << bits) - 1 : UINT64_MAX);
    key.words[1] = words[1] & (bits > 64 ? UINT64_MAX >> (128 - bits) : 0);
    key.hash = text_hash_words(key.words[0], key.words[1], length);
    return key;
}

/* The ids that end within the next block, of which there may be none. */
static size_t take_block(ClassRow *row, TextKey *keys)
{
    const char *block = row->at;
    uint64_t blanks = 0;
    size_t count = 0, start = 0;
    for (unsigned i = 0; i < BLOCK_BYTES / 8; i++)
        blanks |= blanks_of(block + 8 * i) << (8 * i);
    for (; blanks; blanks &= blanks - 1) {
        size_t stop = (size_t)__builtin_ctzll(blanks), length = stop - start;
        if (length > 0 && length <= 16)
            keys[count++] = short_key(block + start, length);
        else if (length > 0)
            keys[count++] = text_key(block + start, length);
        start = stop + 1;
    }
    row->at = block + start;
    return count;
}

size_t segments_next(ClassRow *row, TextKey *keys, size_t most)
{
    size_t count = 0;
    while (count < most) {
        const char *at = row->at, *word;
        size_t length;
        if (count > 0 && most - count < MOST_IDS_A_BLOCK)
            break; // no room for another block: rather the next call's first
        if (most - count >= MOST_IDS_A_BLOCK && row->end - at >= BLOCK_BYTES + 16)
            count += take_block(row, keys + count);
        if (row->at != at)
            continue;
        if (!next_word(&row->at, row->end, &word, &length))
            break;
        keys[count++] = text_key(word, length);
    }
    return count;
}
