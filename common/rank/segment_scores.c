#include "common/rank/segment_scores.h"

#include <assert.h>

#define PART_BITS 7
#define TEXT_ID                                                                                    \
    ((uint64_t)1 << 63) // with the number of a text; the last byte of a word is below 0x80

static_assert(SEGMENT_PARTS == (size_t)1 << PART_BITS, "a part is chosen by bits");
static_assert(SEGMENT_MOST_PART < UINT16_MAX, "a slot counts the entries of a part");

bool segment_scores_open(SegmentScores *scores, size_t lists, size_t part, Failure *failure)
{
    assert(part >= 64 && part <= SEGMENT_MOST_PART && (part & (part - 1)) == 0);
    *scores = (SegmentScores){ .part = part, .most_lists = lists };
    scores->entries = malloc(SEGMENT_PARTS * part * sizeof *scores->entries);
    scores->ends = calloc(lists + 1, SEGMENT_PARTS * sizeof *scores->ends);
    scores->slots = malloc(2 * part * sizeof *scores->slots);
    scores->last_list = malloc(part * sizeof *scores->last_list);
    return (scores->entries && scores->ends && scores->slots && scores->last_list)
        || fail(failure, EX_OSERR, "out of memory for %zu segments", SEGMENT_PARTS * part);
}

void segment_scores_close(SegmentScores *scores)
{
    free(scores->entries);
    free(scores->ends);
    free(scores->slots);
    free(scores->last_list);
    vector_free(&scores->texts);
    *scores = (SegmentScores){ 0 };
}

void segment_scores_begin(SegmentScores *scores, unsigned bits, uint64_t share)
{
    memset(scores->filled, 0, sizeof scores->filled);
    scores->count = scores->lists = 0;
    scores->share_bits = bits;
    scores->share = share;
    if (share == 0)
        scores->texts.count = 0;
}

/* Note how far the parts are. */
static void note_ends(SegmentScores *scores)
{
    memcpy(scores->ends + scores->lists * SEGMENT_PARTS, scores->filled, sizeof scores->filled);
}

void segment_scores_begin_list(SegmentScores *scores)
{
    assert(scores->lists < scores->most_lists);
    note_ends(scores);
    scores->lists++;
}

static inline uint64_t hash_of_word(uint64_t word)
{
    return text_hash_words(word, 0, 0);
}

static const TextEntry *text_of(const SegmentScores *scores, uint64_t id)
{
    return (const TextEntry *)scores->texts.items + (id & ~TEXT_ID);
}

static uint64_t hash_of(const SegmentScores *scores, uint64_t id)
{
    if (!(id & TEXT_ID))
        return hash_of_word(id);
    const TextEntry *text = text_of(scores, id);
    return text_key(text->text, text->length).hash;
}

TextEntry segment_scores_text(const SegmentScores *scores, uint64_t id, uint64_t *word)
{
    if (id & TEXT_ID)
        return *text_of(scores, id);
    *word = id;
    return (TextEntry){ (const char *)word, id ? 8 - (uint32_t)__builtin_clzll(id) / 8 : 0 };
}

/* Whether a hash is of the share. */
static inline bool is_taken(const SegmentScores *scores, uint64_t hash)
{
    return scores->share_bits == 0 || hash >> (64 - scores->share_bits) == scores->share;
}

/* Append an entry to its part. */
static inline bool append(SegmentScores *scores, uint64_t hash, uint64_t id, uint64_t points)
{
    size_t part = hash << scores->share_bits >> (64 - PART_BITS);
    uint32_t at = scores->filled[part];
    if (at == scores->part)
        return false;
    scores->entries[part * scores->part + at] = (SegmentScore){ id, points };
    scores->filled[part] = at + 1;
    return true;
}

/* The same for a name that is no word. */
static bool append_text(SegmentScores *scores, const ClassRow *row, const char *text,
                        uint64_t points, Failure *failure)
{
    TextKey key = text_key(text, segment_word_length(row, text));
    if (!is_taken(scores, key.hash))
        return true;
    TextEntry *entry = vector_add(&scores->texts, sizeof *entry, failure);
    if (!entry)
        return false;
    *entry = (TextEntry){ text, (uint32_t)key.length };
    return append(scores, key.hash, TEXT_ID | (scores->texts.count - 1), points);
}

bool segment_scores_add(SegmentScores *scores, const ClassRow *row, const SegmentWord *words,
                        const uint64_t *points, size_t count, Failure *failure)
{
    for (size_t i = 0; i < count; i++) {
        uint64_t word = words[i].word, hash = hash_of_word(word);
        if (word == 0) {
            if (!append_text(scores, row, words[i].text, points[i], failure))
                return false;
        } else if (is_taken(scores, hash) && !append(scores, hash, word, points[i]))
            return false;
    }
    return true;
}

static bool same_text(const SegmentScores *scores, uint64_t a, uint64_t b)
{
    const TextEntry *x = text_of(scores, a), *y = text_of(scores, b);
    return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

static inline bool is_same(const SegmentScores *scores, uint64_t a, uint64_t b)
{
    return a == b || (a >> 63 && b >> 63 && same_text(scores, a, b));
}

/* Sum a list's entries of a part behind those that are summed; false: one is there twice. */
static bool sum_list(SegmentScores *scores, const SegmentScore *from, size_t count, uint32_t list,
                     size_t mask, size_t *summed)
{
    SegmentScore *to = scores->entries + scores->count;
    for (size_t i = 0; i < count; i++) {
        SegmentScore entry = from[i];
        size_t at = hash_of(scores, entry.id) & mask, number;
        while ((number = scores->slots[at]) && !is_same(scores, to[number - 1].id, entry.id))
            at = (at + 1) & mask;
        if (number) {
            if (scores->last_list[number - 1] == list)
                return false;
            to[number - 1].score += entry.score;
        } else {
            number = scores->slots[at] = (uint16_t)++ * summed;
            to[number - 1] = entry;
        }
        scores->last_list[number - 1] = list;
    }
    return true;
}

/* Sum a part. What is summed is no longer than what was, so it moves towards the beginning. */
static bool sum_part(SegmentScores *scores, size_t part)
{
    size_t slots = 64, summed = 0;
    const SegmentScore *from = scores->entries + part * scores->part;
    while (slots < 2 * scores->filled[part])
        slots *= 2;
    memset(scores->slots, 0, slots * sizeof *scores->slots);
    for (size_t list = 0; list < scores->lists; list++) {
        const uint32_t *ends = scores->ends + list * SEGMENT_PARTS + part;
        if (!sum_list(scores, from + ends[0], ends[SEGMENT_PARTS] - ends[0], (uint32_t)list,
                      slots - 1, &summed))
            return false;
    }
    scores->count += summed;
    return true;
}

bool segment_scores_sum(SegmentScores *scores)
{
    note_ends(scores);
    scores->count = 0;
    for (size_t part = 0; part < SEGMENT_PARTS; part++)
        if (!sum_part(scores, part))
            return false;
    return true;
}
