#include "common/rank/segment_scores.h"
#include "common/rank/segment_split.h"

#include <assert.h>

#define PART_BITS 7
#define BATCH ((size_t)4096) // names between looks at whether there is room
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

/* Whether a hash is of the share. */
static inline bool is_taken(const SegmentScores *scores, uint64_t hash)
{
    return scores->share_bits == 0 || hash >> (64 - scores->share_bits) == scores->share;
}

/* The part that a hash of the share belongs to. */
static inline size_t part_of(uint64_t hash, unsigned share_bits)
{
    return hash << share_bits >> (64 - PART_BITS);
}

/* Note how far the parts are. */
static void note_ends(SegmentScores *scores)
{
    memcpy(scores->ends + scores->lists * SEGMENT_PARTS, scores->filled, sizeof scores->filled);
}

/* A list being added. */
typedef struct List {
    SegmentScores *scores;
    PlacePoints points;
    size_t listed; // before the call at hand
    bool full;
    Failure *failure;
} List;

/* Append an entry to its part. */
static inline void append(List *list, uint64_t hash, uint64_t id, size_t at)
{
    SegmentScores *scores = list->scores;
    size_t part = hash << scores->share_bits >> (64 - PART_BITS);
    uint32_t filled = scores->filled[part];
    if (filled == scores->part) {
        list->full = true;
        return;
    }
    scores->entries[part * scores->part + filled] =
        (SegmentScore){ id, place_points(list->points, list->listed + at) };
    scores->filled[part] = filled + 1;
}

/* Append a name by its text. */
static void add_text(List *list, size_t at, const char *text, size_t length)
{
    SegmentScores *scores = list->scores;
    uint64_t hash = text_key(text, length).hash;
    if (!is_taken(scores, hash))
        return;
    TextEntry *entry = vector_add(&scores->texts, sizeof *entry, list->failure);
    if (!entry) {
        list->full = true;
        return;
    }
    *entry = (TextEntry){ text, (uint32_t)length };
    append(list, hash, TEXT_ID | (scores->texts.count - 1), at);
}

/* Append a name by its first 8 bytes, where these are the name and nothing else. */
static inline void add_word(List *list, size_t at, uint64_t word, const char *text, size_t length)
{
    unsigned beyond = (unsigned)(64 - 8 * length) & 63; // bits that aren't the name's
    bool whole = length <= sizeof word && (word << beyond >> 56) - 1 < 0x7f; // no zero, and ASCII
    if (__builtin_expect(!whole, 0)) {
        add_text(list, at, text, length);
        return;
    }
    word = word << beyond >> beyond;
    uint64_t hash = hash_of_word(word);
    if (is_taken(list->scores, hash))
        append(list, hash, word, at);
}

static inline void take(void *to, size_t at, const char *text, size_t length)
{
    uint64_t word;
    memcpy(&word, text, sizeof word);
    add_word(to, at, word, text, length);
}

static void take_last(void *to, size_t at, const char *text, size_t length)
{
    uint64_t word = 0;
    memcpy(&word, text, length < sizeof word ? length : sizeof word);
    add_word(to, at, word, text, length);
}

bool segment_scores_add(SegmentScores *scores, const ClassRow *list, PlacePoints points,
                        size_t most, size_t *listed, Failure *failure)
{
    List adding = { .scores = scores, .points = points, .failure = failure };
    ClassRow rest = *list;
    size_t count = 1;
    assert(scores->lists < scores->most_lists);
    note_ends(scores);
    scores->lists++;
    while (count > 0 && adding.listed <= most && !adding.full) {
        count = segment_split(&rest, &adding, BATCH, take, take_last);
        adding.listed += count;
    }
    *listed = adding.listed;
    return !adding.full;
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
        if (number) {
            once &= last_list[number - 1] != list;
            summed[number - 1].score += entry.score;
            last_list[number - 1] = list;
        } else {
            summed[count] = entry;
            last_list[count] = list;
            slots[at] = (uint16_t)++count;
        }
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
    while (3 * (part.mask + 1) < 4 * (size_t)scores->filled[number])
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
