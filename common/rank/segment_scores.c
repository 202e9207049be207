#include "common/rank/segment_scores.h"
#include "common/rank/counters.h"
#include "common/rank/segment_code.h"
#include "common/rank/segment_run.h"

#include <assert.h>

#define PART_BITS 8
#define PLACE_BITS 17
#define PLACE_MASK (((uint32_t)1 << PLACE_BITS) - 1)
#define KEY_BITS (SEGMENT_CODE_BITS + 1) // a code, or TEXT_KEY with a text's number
#define KEY_MASK (((uint64_t)1 << KEY_BITS) - 1)
#define TEXT_KEY ((uint64_t)1 << SEGMENT_CODE_BITS)
#define NO_LIST ((uint64_t)1 << 63) // a list's number is below 2^24
#define AHEAD 8                     // entries, a line: what is written soon is fetched before
#define STEP ((size_t)32)           // entries that are made ready for summing at a time
#define SLOTS ((size_t)8)           // for each entry of a part: segments are fewer, and seldom meet
#define SOON ((size_t)256)          // entries that are summed a little later, and fetched before
#define RUNS ((size_t)8)            // that are appended between two looks whether they fit
#define STAGGER ((size_t)8)         // entries, a line: parts begin in different sets of the caches

static_assert(SEGMENT_PARTS == (size_t)1 << PART_BITS, "a part is chosen by bits");
static_assert(PART_BITS + KEY_BITS + PLACE_BITS == 64, "an entry has a part, a key and a place");
static_assert(SEGMENT_MOST_PART < UINT16_MAX, "a slot counts the entries of a part");

bool segment_scores_open(SegmentScores *scores, size_t lists, size_t part, Failure *failure)
{
    assert(part >= 64 && part <= SEGMENT_MOST_PART && (part & (part - 1)) == 0);
    assert(lists < NO_LIST >> KEY_BITS);
    // some runs are appended before anybody looks whether they fit
    *scores = (SegmentScores){ .part = part,
                               .stride = part + RUNS * SEGMENT_RUN_MOST + STAGGER,
                               .most_lists = lists };
    scores->entries = calloc(SEGMENT_PARTS, scores->stride * sizeof *scores->entries);
    scores->ends = calloc(lists + 1, SEGMENT_PARTS * sizeof *scores->ends);
    scores->points = calloc(lists, sizeof *scores->points);
    scores->ids = calloc(part + 1, sizeof *scores->ids);
    scores->sums = calloc(part + 1, sizeof *scores->sums);
    scores->slots = malloc(SLOTS * part * sizeof *scores->slots);
    return (scores->entries && scores->ends && scores->points && scores->ids && scores->sums
            && scores->slots)
        || fail(failure, EX_OSERR, "out of memory for %zu segments", SEGMENT_PARTS * part);
}

void segment_scores_close(SegmentScores *scores)
{
    free(scores->entries);
    free(scores->ends);
    free(scores->points);
    free(scores->ids);
    free(scores->sums);
    free(scores->slots);
    vector_free(&scores->texts);
    *scores = (SegmentScores){ 0 };
}

/* Note how far the parts are. */
static void note_ends(SegmentScores *scores)
{
    memcpy(scores->ends + scores->lists * SEGMENT_PARTS, scores->next,
           SEGMENT_PARTS * sizeof *scores->ends);
}

void segment_scores_begin(SegmentScores *scores, unsigned bits, uint64_t share)
{
    for (uint32_t part = 0; part < SEGMENT_PARTS; part++)
        scores->next[part] = part * (uint32_t)scores->stride;
    scores->count = scores->lists = 0;
    scores->share_bits = bits;
    scores->share = share;
    note_ends(scores);
    if (share == 0)
        scores->texts.count = 0;
}

static const TextEntry *text_of(const SegmentScores *scores, uint64_t number)
{
    return (const TextEntry *)scores->texts.items + number;
}

TextEntry segment_scores_text(const SegmentScores *scores, uint64_t id, uint64_t *word)
{
    uint64_t length;
    if (id & TEXT_KEY)
        return *text_of(scores, id & ~TEXT_KEY);
    *word = segment_code_bytes(id, &length);
    return (TextEntry){ (const char *)word, (uint32_t)length };
}

/* What stands for the hash of a text's code: it chooses part, share and slot. */
static uint32_t hash_of_text(const TextEntry *text)
{
    return (uint32_t)(text_key(text->text, text->length).hash >> 32);
}

/* An entry: the part in its upper bits, which are the hash's too, then the key, then the place. */
static inline uint64_t entry_of(uint32_t hash, uint64_t key, size_t place)
{
    return (uint64_t)(hash >> (32 - PART_BITS)) << (64 - PART_BITS) | key << PLACE_BITS | place;
}

/* Whether a hash is of the share: by the bits behind the part's. */
static inline bool is_of_share(const SegmentScores *scores, uint32_t hash)
{
    return (uint64_t)(hash << PART_BITS) >> (32 - scores->share_bits) == scores->share;
}

static inline void put_entry(uint64_t *at, uint64_t entry)
{
    *at = entry;
    __builtin_prefetch(at + AHEAD, 1);
}

static inline void append(SegmentScores *scores, uint64_t entry)
{
    put_entry(scores->entries + scores->next[entry >> (64 - PART_BITS)]++, entry);
}

static void append_all(SegmentScores *scores, const uint64_t *entries, size_t count)
{
    uint32_t first, second;
    for (size_t i = 0; i + 1 < count; i += 2) {
        counters_take(scores->next, entries[i] >> (64 - PART_BITS),
                      entries[i + 1] >> (64 - PART_BITS), &first, &second);
        put_entry(scores->entries + first, entries[i]);
        put_entry(scores->entries + second, entries[i + 1]);
    }
    if (count % 2)
        append(scores, entries[count - 1]);
}

/* Append a name that has no code, where it is of the share. */
static bool append_text(SegmentScores *scores, TextEntry text, size_t place, Failure *failure)
{
    uint32_t hash = hash_of_text(&text);
    if (!is_of_share(scores, hash))
        return true;
    TextEntry *entry =
        scores->texts.count < TEXT_KEY ? vector_add(&scores->texts, sizeof *entry, failure) : NULL;
    if (!entry)
        return false;
    *entry = text;
    append(scores, entry_of(hash, TEXT_KEY | (scores->texts.count - 1), place));
    return true;
}

/* Append the names of a run of which some have no code, or aren't of the share. */
static bool append_some(SegmentScores *scores, const SegmentRun *run, const uint64_t *codes,
                        size_t place, Failure *failure)
{
    bool ok = true;
    for (size_t i = 0; ok && i < run->count; i++) {
        TextEntry text = { run->text + run->starts[i], run->ends[i] - run->starts[i] };
        uint32_t hash = segment_code_hash(codes[i]);
        if (codes[i] == SEGMENT_NO_CODE)
            ok = append_text(scores, text, place + i, failure);
        else if (is_of_share(scores, hash))
            append(scores, entry_of(hash, codes[i], place + i));
    }
    return ok;
}

/* Append the names of a run, which stands from `place` on. */
static bool append_run(SegmentScores *scores, const SegmentRun *run, size_t place, Failure *failure)
{
    uint64_t codes[SEGMENT_RUN_MOST], entries[SEGMENT_RUN_MOST], all = 0;
    segment_run_codes(run, codes);
    for (size_t i = 0; i < run->count; i++) { // vector instructions
        entries[i] = entry_of(segment_code_hash(codes[i]), codes[i], place + i);
        all |= codes[i];
    }
    if (scores->share_bits > 0 || all > SEGMENT_CODE_MASK)
        return append_some(scores, run, codes, place, failure);
    append_all(scores, entries, run->count);
    return true;
}

/* Whether no part has more than it may. */
static bool all_fit(const SegmentScores *scores)
{
    const uint32_t stride = (uint32_t)scores->stride, most = (uint32_t)scores->part;
    uint32_t over = 0;
    for (uint32_t part = 0; part < SEGMENT_PARTS; part++)
        over |= scores->next[part] > part * stride + most;
    return !over;
}

bool segment_scores_add(SegmentScores *scores, const ClassRow *list, PlacePoints points,
                        size_t most, size_t *listed, Failure *failure)
{
    SegmentRun run;
    ClassRow rest = *list;
    bool ok = true;
    assert(scores->lists < scores->most_lists && most + SEGMENT_RUN_MOST <= PLACE_MASK);
    scores->points[scores->lists++] = points;
    *listed = 0;
    for (size_t runs = 1; ok && *listed <= most && segment_run_next(&run, &rest); runs++) {
        ok = append_run(scores, &run, *listed, failure) && (runs % RUNS > 0 || all_fit(scores));
        *listed += run.count;
    }
    ok = ok && all_fit(scores);
    note_ends(scores);
    return ok;
}

static bool same_text(const SegmentScores *scores, uint64_t a, uint64_t b)
{
    const TextEntry *x = text_of(scores, a & ~TEXT_KEY), *y = text_of(scores, b & ~TEXT_KEY);
    return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

/* The slot of a key behind one that another key has. */
static __attribute__((noinline)) size_t seek(const SegmentScores *scores, uint64_t key, size_t at,
                                             size_t mask)
{
    for (size_t number; (number = scores->slots[at]) > 0; at = (at + 1) & mask) {
        uint64_t other = scores->ids[number] & KEY_MASK;
        if (other == key || ((other & key & TEXT_KEY) && same_text(scores, other, key)))
            break;
    }
    return at;
}

/* Entries of a list, ready to be summed. */
typedef struct Ready {
    uint64_t ids[STEP], points[STEP], slots[STEP]; // ids: list << KEY_BITS | key
    size_t count;
} Ready;

/* The slot where the search for a hash begins: by the bits behind the part's and the share's. */
static inline uint32_t slot_of(uint32_t hash, unsigned share_bits, unsigned slot_shift)
{
    return hash << PART_BITS << share_bits >> slot_shift;
}

/*
 * Vector instructions make entries ready; what is of texts is made again, where there are any. Always a whole
 * step: what is behind a list's end is another entry, or room that a part has for those of a run.
 */
static inline void make_ready(Ready *ready, const SegmentScores *scores, const uint64_t *from,
                              size_t list, unsigned slot_shift)
{
    const unsigned share_bits = scores->share_bits;
    const PlacePoints points = scores->points[list];
    for (size_t i = 0; i < STEP; i += AHEAD)
        __builtin_prefetch(from + SOON + i);
    for (size_t i = 0; i < STEP; i++) {
        uint64_t key = from[i] >> PLACE_BITS & KEY_MASK;
        ready->ids[i] = (uint64_t)list << KEY_BITS | key;
        ready->slots[i] = slot_of(segment_code_hash(key), share_bits, slot_shift);
        ready->points[i] = place_points(points, (uint32_t)from[i] & PLACE_MASK);
    }
    for (size_t i = 0; scores->texts.count > 0 && i < ready->count; i++) {
        uint64_t key = ready->ids[i] & KEY_MASK;
        if (key & TEXT_KEY)
            ready->slots[i] =
                slot_of(hash_of_text(text_of(scores, key & ~TEXT_KEY)), share_bits, slot_shift);
    }
}

/*
 * Sum entries of a list; false: one is there twice. One entry in two is new, which no branch foretells,
 * so there is none: a free slot has number 0, whose key is always the right one, of no list, and its sum 0.
 */
static __attribute__((noinline)) bool sum_ready(SegmentScores *scores, const Ready *ready,
                                                size_t mask)
{
    uint64_t *const ids = scores->ids, *const sums = scores->sums;
    uint16_t *const slots = scores->slots;
    size_t count = scores->count, twice = 0;
    for (size_t i = 0; i < ready->count; i++) {
        const uint64_t id = ready->ids[i];
        size_t at = ready->slots[i], number = slots[at];
        ids[0] = id ^ NO_LIST;
        uint64_t other = ids[number] ^ id;
        if (__builtin_expect((other & KEY_MASK) != 0, 0)) {
            number = slots[at = seek(scores, id & KEY_MASK, at, mask)];
            other = (ids[number] ^ id) & ~KEY_MASK; // an equal text has another number
        }
        const size_t new = number == 0, to = number | ((count += new) & -new);
        twice += other == 0;
        ids[to] = id;
        sums[to] = sums[number] + ready->points[i];
        slots[at] = (uint16_t)to;
    }
    scores->count = count;
    return twice == 0;
}

/* Sum a list's entries in a part. */
static bool sum_list(SegmentScores *scores, const uint64_t *from, const uint64_t *end, size_t list,
                     unsigned slot_shift)
{
    Ready ready;
    bool once = true;
    for (; once && from < end; from += ready.count) {
        ready.count = (size_t)(end - from) < STEP ? (size_t)(end - from) : STEP;
        make_ready(&ready, scores, from, list, slot_shift);
        once = sum_ready(scores, &ready, UINT32_MAX >> slot_shift);
    }
    return once;
}

bool segment_scores_sum(SegmentScores *scores, size_t part)
{
    const uint64_t *entries = scores->entries;
    const uint32_t *ends = scores->ends + part;
    unsigned slot_bits = 6;
    bool once = true;
    while ((size_t)1 << slot_bits < SLOTS * (size_t)(ends[scores->lists * SEGMENT_PARTS] - ends[0]))
        slot_bits++;
    memset(scores->slots, 0, sizeof *scores->slots << slot_bits);
    scores->count = 0;
    for (size_t list = 0; once && list < scores->lists; list++, ends += SEGMENT_PARTS)
        once = sum_list(scores, entries + ends[0], entries + ends[SEGMENT_PARTS], list,
                        32 - slot_bits);
    for (size_t i = 1; i <= scores->count; i++)
        scores->ids[i] &= KEY_MASK;
    return once;
}
