#include "common/rank/submission_csv.h"
#include "common/rank/number.h"

#include <stdlib.h>
#ifdef __AVX2__
#include <immintrin.h>
#endif

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

bool class_row_at(ClassRow *row, CsvReader *reader, CsvPlace place, Failure *failure)
{
    return csv_read_at(reader, place, failure) && take_class_row(row, reader, failure);
}

#define BLOCK_BYTES 64                // as many as a mask has bits
#define MOST_IDS_A_BLOCK ((size_t)32) // a byte and a blank each
#define WHOLE_BYTES ((size_t)16)      // that can be read at an id's text, though it may be shorter

/* Take id number `at`. */
typedef void TakeId(void *to, size_t at, const char *text, size_t length);

#ifdef __AVX2__
/* A bit for each blank of a block: the lowest for the first. */
static inline uint64_t blanks_of(const char *block)
{
    const __m256i blank = _mm256_set1_epi8(' ');
    __m256i first = _mm256_loadu_si256((const __m256i *)block);
    __m256i second = _mm256_loadu_si256((const __m256i *)(block + 32));
    uint32_t low = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(first, blank));
    uint32_t high = (uint32_t)_mm256_movemask_epi8(_mm256_cmpeq_epi8(second, blank));
    return (uint64_t)high << 32 | low;
}
#else
/* A bit for each blank among 8 bytes: the lowest for the first. */
static inline uint64_t blanks_of_word(const char *bytes)
{
    const uint64_t lows = UINT64_C(0x7f7f7f7f7f7f7f7f);
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    word ^= UINT64_C(0x2020202020202020); // zero where a blank is
    uint64_t tops = ~(((word & lows) + lows) | word | lows) >> 7;
    return tops * UINT64_C(0x0102040810204080) >> 56; // gathers the bytes' lowest bits
}

static inline uint64_t blanks_of(const char *block)
{
    uint64_t blanks = 0;
    for (unsigned i = 0; i < BLOCK_BYTES / 8; i++)
        blanks |= blanks_of_word(block + 8 * i) << (8 * i);
    return blanks;
}
#endif

/* The ids that end within the next block, of which there may be none. */
__attribute__((always_inline)) static inline size_t take_block(ClassRow *row, void *to, size_t at,
                                                               TakeId *take)
{
    const char *block = row->at;
    size_t count = 0, start = 0;
    for (uint64_t blanks = blanks_of(block); blanks; blanks &= blanks - 1) {
        size_t stop = (size_t)__builtin_ctzll(blanks);
        if (stop > start)
            take(to, at + count++, block + start, stop - start);
        start = stop + 1;
    }
    row->at = block + start;
    return count;
}

/* The next ids, at most `most`; `take_last` takes those near the end, where no whole id can be read. */
__attribute__((always_inline)) static inline size_t take_ids(ClassRow *row, void *to, size_t most,
                                                             TakeId *take, TakeId *take_last)
{
    size_t count = 0;
    while (count < most) {
        const char *at = row->at, *word;
        size_t length;
        if (count > 0 && most - count < MOST_IDS_A_BLOCK)
            break; // no room for another block: rather the next call's first
        if (most - count >= MOST_IDS_A_BLOCK
            && row->end - at >= (ptrdiff_t)(BLOCK_BYTES + WHOLE_BYTES))
            count += take_block(row, to, count, take);
        if (row->at != at)
            continue;
        if (!next_word(&row->at, row->end, &word, &length))
            break;
        take_last(to, count++, word, length);
    }
    return count;
}

/* The first bytes of a text of which 16 can be read, zeros behind its end. */
static inline uint64_t word_of(const char *text, size_t offset, size_t length)
{
    uint64_t word;
    memcpy(&word, text + offset, sizeof word);
    size_t bytes = length > offset ? length - offset : 0;
    return bytes >= sizeof word ? word : word & (((uint64_t)1 << 8 * bytes) - 1);
}

static void take_key(void *to, size_t at, const char *text, size_t length)
{
    ((TextKey *)to)[at] = text_key(text, length);
}

static inline void take_short_key(void *to, size_t at, const char *text, size_t length)
{
    if (length > WHOLE_BYTES) {
        take_key(to, at, text, length);
        return;
    }
    TextKey key = { text, length, { word_of(text, 0, length), word_of(text, 8, length) }, 0 };
    key.hash = text_hash_words(key.words[0], key.words[1], length);
    ((TextKey *)to)[at] = key;
}

size_t segments_next(ClassRow *row, TextKey *keys, size_t most)
{
    return take_ids(row, keys, most, take_short_key, take_key);
}

/* Whether the word's bytes are the id and nothing else: the last one is there, and no zero. */
static inline bool is_word(uint64_t word, size_t length)
{
    return length <= sizeof word && (word >> (8 * length - 8)) - 1 < 0x7f;
}

static inline void take_word(void *to, size_t at, const char *text, size_t length)
{
    uint64_t word = word_of(text, 0, length);
    ((SegmentWord *)to)[at] = (SegmentWord){ text, is_word(word, length) ? word : 0 };
}

static void take_last_word(void *to, size_t at, const char *text, size_t length)
{
    char copy[WHOLE_BYTES] = { 0 };
    memcpy(copy, text, length < WHOLE_BYTES ? length : WHOLE_BYTES);
    take_word(to, at, copy, length);
    ((SegmentWord *)to)[at].text = text;
}

size_t segment_words_next(ClassRow *row, SegmentWord *words, size_t most)
{
    return take_ids(row, words, most, take_word, take_last_word);
}

size_t segment_word_length(const ClassRow *row, const char *text)
{
    const char *blank = memchr(text, ' ', (size_t)(row->end - text));
    return (size_t)((blank ? blank : row->end) - text);
}
