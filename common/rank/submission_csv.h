/*
 * Submissions of both contests, row by row.
 *
 *   2018   VideoId,LabelConfidencePairs    ID,CLASS SCORE CLASS SCORE ...
 *   2019   Class,Segments                  CLASS,ID:START ID:START ...      best first
 *
 * Source: spec/data-and-metrics 8.1, 8.2.
 */
#ifndef PODIUM_RANK_SUBMISSION_CSV_H
#define PODIUM_RANK_SUBMISSION_CSV_H

#include "common/rank/csv_reader.h"
#include "common/rank/text_table.h"

#define SUBMISSION_2018_HEADER "VideoId,LabelConfidencePairs"
#define SUBMISSION_2019_HEADER "Class,Segments"

typedef struct ScoredClass {
    double score;
    uint32_t class;
} ScoredClass;

/* A row of 2018's. */
typedef struct VideoRow {
    const char *id; // not terminated
    size_t id_length;
    ScoredClass *pairs; // in the row's order; valid until the next row
    size_t count, capacity;
} VideoRow;

/* A row of 2019's; its text is split with segment_next. */
typedef struct ClassRow {
    uint32_t class;
    const char *at, *end; // what is left of the list
} ClassRow;

/*
 * The next row: true while there is one, false at the end and on failure. The reader was opened
 * with the contest's header; a VideoRow starts as { 0 } and ends with video_row_free.
 *
 *   failure  EX_DATAERR, with line and column: an empty id, a class that is no whole number, a
 *            class without a score, a score that is no finite number
 */
bool video_row_next(VideoRow *row, CsvReader *reader, Failure *failure);
void video_row_free(VideoRow *row);
bool class_row_next(ClassRow *row, CsvReader *reader, Failure *failure);

/* The next id of a list: true while there is one. */
bool segment_next_slowly(ClassRow *row, TextKey *key);
static inline bool segment_next(ClassRow *row, TextKey *key);

#define BLANKS UINT64_C(0x2020202020202020)
#define LOWEST_BITS UINT64_C(0x0101010101010101)

/* The highest bit of each byte that is a blank; only the lowest one set is exact. */
static inline uint64_t blanks_of(uint64_t word)
{
    uint64_t zero_at_blank = word ^ BLANKS;
    return (zero_at_blank - LOWEST_BITS) & ~zero_at_blank & (LOWEST_BITS << 7);
}

/* An id of 1 to 15 bytes, found in two words without a loop; other ids go the slow way. */
static inline bool segment_next(ClassRow *row, TextKey *key)
{
    uint64_t words[2];
    if (row->end - row->at < 16)
        return segment_next_slowly(row, key);
    memcpy(words, row->at, sizeof words);
    uint64_t low = blanks_of(words[0]), high = blanks_of(words[1]);
    if ((low | high) == 0 || (low & 0x80))
        return segment_next_slowly(row, key);
    uint64_t first = low ? low : high;
    unsigned bits = (unsigned)__builtin_ctzll(first) & ~7u; // before the blank, within its word
    uint64_t mask = ((uint64_t)1 << bits) - 1;
    uint64_t second_mask = low ? 0 : mask, first_mask = low ? mask : UINT64_MAX;
    key->text = row->at;
    key->length = bits / 8 + (low ? 0 : 8);
    key->words[0] = words[0] & first_mask;
    key->words[1] = words[1] & second_mask;
    key->hash = text_hash_words(key->words[0], key->words[1], key->length);
    row->at += key->length + 1;
    return true;
}

#endif
