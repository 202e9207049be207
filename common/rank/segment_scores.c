#include "common/rank/segment_scores.h"
#include "common/rank/segment_split.h"

#include <assert.h>

#define PART_BITS 7
#define TEXT_ID ((uint64_t)1 << 63) // with a text's number; the last byte of a word is below 0x80

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

/* Note how far the parts are. */
static void note_ends(SegmentScores *scores)
{
    memcpy(scores->ends + scores->lists * SEGMENT_PARTS, scores->filled, sizeof scores->filled);
}

/* A list being added. */
typedef struct List {
    SegmentScore *entries;
    uint32_t *filled;
    size_t room; // of a part
    unsigned share_bits;
    uint64_t share;
    PlacePoints points;
} List;

/* Append an entry to its part, where it is of the share. false: the part is full. */
static inline bool append(const List *list, uint64_t hash, uint64_t id, size_t place)
{
    if (list->share_bits > 0 && hash >> (64 - list->share_bits) != list->share)
        return true;
    size_t part = hash << list->share_bits >> (64 - PART_BITS);
    uint32_t at = list->filled[part];
    if (at == list->room)
        return false;
    list->entries[part * list->room + at] = (SegmentScore){ id, place_points(list->points, place) };
    list->filled[part] = at + 1;
    return true;
}

/* Append a name by its text. */
static bool append_text(SegmentScores *scores, const List *list, const char *text, size_t length,
                        size_t place, Failure *failure)
{
    TextEntry *entry = vector_add(&scores->texts, sizeof *entry, failure);
    if (!entry)
        return false;
    *entry = (TextEntry){ text, (uint32_t)length };
    return append(list, text_key(text, length).hash, TEXT_ID | (scores->texts.count - 1), place);
}

/* A name's first 8 bytes, where these are the name and nothing else, no zero and no top bit; else 0. */
static inline uint64_t word_of(uint64_t bytes, size_t length)
{
    unsigned beyond = (unsigned)(64 - 8 * length) & 63; // bits that aren't the name's
    bool whole = length <= sizeof bytes && (bytes << beyond >> 56) - 1 < 0x7f;
    return whole ? bytes << beyond >> beyond : 0;
}

/* Append a name whose first 8 bytes, or zeros behind them, are `bytes`. */
static inline bool append_name(SegmentScores *scores, const List *list, uint64_t bytes,
                               const char *text, size_t length, size_t place, Failure *failure)
{
    uint64_t word = word_of(bytes, length);
    return __builtin_expect(word != 0, 1) ? append(list, hash_of_word(word), word, place)
                                          : append_text(scores, list, text, length, place, failure);
}

/* Note how far the parts are, and begin a list. */
static void begin_list(SegmentScores *scores)
{
    assert(scores->lists < scores->most_lists);
    note_ends(scores);
    scores->lists++;
}

bool segment_scores_add(SegmentScores *scores, const ClassRow *list, PlacePoints points,
                        size_t most, size_t *listed, Failure *failure)
{
    const List to = { scores->entries,    scores->filled, scores->part,
                      scores->share_bits, scores->share,  points };
    ClassRow rest = *list;
    SegmentBlock block;
    const char *text;
    size_t place = 0, length;
    uint64_t bytes;
    bool ok = true;
    begin_list(scores);
    while (ok && place <= most) {
        if (segment_block_open(&block, &rest)) {
            for (; ok && segment_block_next(&block, &text, &length); place++) {
                memcpy(&bytes, text, sizeof bytes);
                ok = append_name(scores, &to, bytes, text, length, place, failure);
            }
            segment_block_close(&block, &rest);
        } else if (segment_split_word(&rest.at, rest.end, &text, &length)) {
            bytes = 0;
            memcpy(&bytes, text, length < sizeof bytes ? length : sizeof bytes);
            ok = append_name(scores, &to, bytes, text, length, place++, failure);
        } else
            break;
    }
    *listed = place;
    return ok;
}

static bool same_text(const SegmentScores *scores, uint64_t a, uint64_t b)
{
    const TextEntry *x = text_of(scores, a), *y = text_of(scores, b);
    return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

static inline bool is_same(const SegmentScores *scores, uint64_t a, uint64_t b)
{
    return a == b || ((a & b & TEXT_ID) && same_text(scores, a, b));
}

/* A part being summed. */
typedef struct Part {
    SegmentScore *summed; // [count]
    size_t count, mask;   // mask: of the slots
} Part;

/* Sum a list's entries; false: one is there twice. */
static bool sum_list(const SegmentScores *scores, Part *part, const SegmentScore *from,
                     const SegmentScore *end, uint32_t list)
{
    SegmentScore *const summed = part->summed;
    uint16_t *const slots = scores->slots;
    uint32_t *const last_list = scores->last_list;
    const size_t mask = part->mask;
    size_t count = part->count, number;
    bool once = true;
    for (; from < end; from++) {
        SegmentScore entry = *from;
        size_t at = hash_of(scores, entry.id) & mask;
        while ((number = slots[at]) && !is_same(scores, summed[number - 1].id, entry.id))
            at = (at + 1) & mask;
        // One entry in two is new, so no branch can be foretold: both ways are one.
        bool new = number == 0;
        number = new ? count : number - 1;
        once &= new | (last_list[number] != list);
        summed[number].score = entry.score + (new ? 0 : summed[number].score);
        summed[number].id = new ? entry.id : summed[number].id;
        last_list[number] = list;
        slots[at] = (uint16_t)(number + 1);
        count += new;
    }
    part->count = count;
    return once;
}

/* Sum a part. What is summed is no longer than what was, so it moves towards the beginning. */
static bool sum_part(SegmentScores *scores, size_t number)
{
    const SegmentScore *from = scores->entries + number * scores->part;
    Part part = { .summed = scores->entries + scores->count, .mask = 63 };
    bool once = true;
    while (part.mask + 1 < 2 * (size_t)scores->filled[number])
        part.mask = 2 * part.mask + 1;
    memset(scores->slots, 0, (part.mask + 1) * sizeof *scores->slots);
    for (size_t list = 0; once && list < scores->lists; list++) {
        const uint32_t *ends = scores->ends + list * SEGMENT_PARTS + number;
        once = sum_list(scores, &part, from + ends[0], from + ends[SEGMENT_PARTS], (uint32_t)list);
    }
    scores->count += part.count;
    return once;
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
