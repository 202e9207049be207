#include "common/rank/segment_scores.h"
#include "common/rank/segment_code.h"
#include "common/rank/segment_run.h"

#include <assert.h>

#define PART_BITS 8
#define KEY_BITS (SEGMENT_CODE_BITS - PART_BITS)
#define KEY_MASK (((uint32_t)1 << KEY_BITS) - 1)
#define TEXT_ID ((uint64_t)1 << 63) // with a text's number
#define TEXT_KEY ((uint64_t)1 << 31)
#define AHEAD 8             // entries, a line: what is written soon is fetched before
#define STEP ((size_t)32)   // entries that are made ready for summing at a time
#define SLOTS ((size_t)4)   // for each entry of a part: segments are fewer, and seldom meet
#define STAGGER ((size_t)8) // entries, a line: parts begin in different sets of the caches

static_assert(SEGMENT_PARTS == (size_t)1 << PART_BITS, "a part is chosen by bits");
static_assert(KEY_BITS < 31, "a key is told from a text's number");
static_assert(SEGMENT_MOST_PART < UINT16_MAX, "a slot counts the entries of a part");

bool segment_scores_open(SegmentScores *scores, size_t lists, size_t part, Failure *failure)
{
    assert(part >= 64 && part <= SEGMENT_MOST_PART && (part & (part - 1)) == 0);
    // a run is appended before anybody looks whether it fits
    *scores = (SegmentScores){ .part = part,
                               .stride = part + SEGMENT_RUN_MOST + STAGGER,
                               .most_lists = lists };
    scores->entries = calloc(SEGMENT_PARTS + 1, scores->stride * sizeof *scores->entries);
    scores->ends = calloc(lists + 1, SEGMENT_PARTS * sizeof *scores->ends);
    scores->points = calloc(lists, sizeof *scores->points);
    scores->sums = calloc(part + 1, sizeof *scores->sums);
    scores->slots = malloc(SLOTS * part * sizeof *scores->slots);
    scores->summed = scores->sums + 1; // the first is what a free slot has
    return (scores->entries && scores->ends && scores->points && scores->sums && scores->slots)
        || fail(failure, EX_OSERR, "out of memory for %zu segments", SEGMENT_PARTS * part);
}

void segment_scores_close(SegmentScores *scores)
{
    free(scores->entries);
    free(scores->ends);
    free(scores->points);
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
    if (id & TEXT_ID)
        return *text_of(scores, id & ~TEXT_ID);
    *word = segment_code_bytes(id, &length);
    return (TextEntry){ (const char *)word, (uint32_t)length };
}

/* What stands for a text's code: it chooses part, share and slot. */
static uint64_t code_of_text(const TextEntry *text)
{
    return text_key(text->text, text->length).hash >> (64 - SEGMENT_CODE_BITS);
}

/* The part of a code: its upper bits; or behind all of them where it isn't of the share. */
static inline uint32_t part_of_code(uint32_t part, uint32_t key, unsigned share_bits,
                                    uint32_t share)
{
    return key >> (KEY_BITS - share_bits) == share ? part : (uint32_t)SEGMENT_PARTS;
}

/* A run's entries. */
typedef struct Entries {
    uint64_t entries[SEGMENT_RUN_MOST];
    uint32_t parts[SEGMENT_RUN_MOST];
    bool has_texts; // names that have no code
} Entries;

/* The entries of a run, which stands from `place` on. All loops are of vector instructions. */
static __attribute__((noinline)) void find_entries(Entries *found, const SegmentRun *run,
                                                   uint32_t place, unsigned share_bits,
                                                   uint32_t share)
{
    const size_t count = run->count;
    uint32_t keys[SEGMENT_RUN_MOST], uppers[SEGMENT_RUN_MOST], none[SEGMENT_RUN_MOST], texts = 0;
    for (size_t i = 0; i < count; i++) {
        SegmentHalves code;
        none[i] = segment_code_halves((uint32_t)run->bytes[i], (uint32_t)(run->bytes[i] >> 32),
                                      run->ends[i] - run->starts[i], &code);
        uppers[i] = code.upper;
        keys[i] = (code.upper << SEGMENT_HALF_BITS & KEY_MASK) | code.lower;
    }
    for (size_t i = 0; i < count; i++)
        found->entries[i] = (uint64_t)keys[i] << 32 | (place + (uint32_t)i);
    for (size_t i = 0; i < count; i++) {
        uint32_t part =
            part_of_code(uppers[i] >> (KEY_BITS - SEGMENT_HALF_BITS), keys[i], share_bits, share);
        found->parts[i] = none[i] ? (uint32_t)SEGMENT_PARTS : part;
        texts |= none[i];
    }
    found->has_texts = texts != 0;
}

static inline void append(SegmentScores *scores, uint32_t part, uint64_t entry)
{
    uint64_t *next = scores->entries + scores->next[part]++;
    *next = entry;
    __builtin_prefetch(next + AHEAD, 1);
}

/* Append a name that has no code, where it is of the share. */
static bool append_text(SegmentScores *scores, TextEntry text, size_t place, Failure *failure)
{
    uint64_t code = code_of_text(&text);
    uint32_t part = part_of_code((uint32_t)(code >> KEY_BITS), (uint32_t)code & KEY_MASK,
                                 scores->share_bits, (uint32_t)scores->share);
    if (part == SEGMENT_PARTS)
        return true;
    TextEntry *entry =
        scores->texts.count < TEXT_KEY ? vector_add(&scores->texts, sizeof *entry, failure) : NULL;
    if (!entry)
        return false;
    *entry = text;
    append(scores, part, (TEXT_KEY | (scores->texts.count - 1)) << 32 | place);
    return true;
}

/* Append the names of a run, which stands from `place` on. */
static bool append_run(SegmentScores *scores, const SegmentRun *run, size_t place, Failure *failure)
{
    Entries found;
    bool ok = true;
    scores->next[SEGMENT_PARTS] = (uint32_t)(SEGMENT_PARTS * scores->stride);
    find_entries(&found, run, (uint32_t)place, scores->share_bits, (uint32_t)scores->share);
    for (size_t i = 0; i < run->count; i++)
        append(scores, found.parts[i], found.entries[i]);
    for (size_t i = 0; found.has_texts && ok && i < run->count; i++) {
        TextEntry text = { run->text + run->starts[i], run->ends[i] - run->starts[i] };
        if (segment_code(run->bytes[i], text.length) == SEGMENT_NO_CODE)
            ok = append_text(scores, text, place + i, failure);
    }
    return ok;
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
    assert(scores->lists < scores->most_lists);
    scores->points[scores->lists++] = points;
    *listed = 0;
    while (ok && *listed <= most && segment_run_next(&run, &rest)) {
        ok = append_run(scores, &run, *listed, failure) && all_fit(scores);
        *listed += run.count;
    }
    note_ends(scores);
    return ok;
}

static bool same_text(const SegmentScores *scores, uint64_t a, uint64_t b)
{
    const TextEntry *x = text_of(scores, a & ~TEXT_KEY), *y = text_of(scores, b & ~TEXT_KEY);
    return x->length == y->length && memcmp(x->text, y->text, x->length) == 0;
}

/* The slot of a key behind one that another key has. */
static __attribute__((noinline)) size_t seek(const SegmentScores *scores, uint32_t key, size_t at,
                                             size_t mask)
{
    for (size_t number; (number = scores->slots[at]) > 0; at = (at + 1) & mask) {
        uint32_t other = scores->sums[number].key;
        if (other == key || ((other & key & TEXT_KEY) && same_text(scores, other, key)))
            break;
    }
    return at;
}

/* Entries of a list, ready to be summed. */
typedef struct Ready {
    uint32_t keys[STEP], slots[STEP]; // slots: where a search begins
    uint64_t scores[STEP];
    size_t count;
} Ready;

/* The slot of a key: by the bits behind the share's. */
static inline uint32_t slot_of(uint32_t code, unsigned share_bits, unsigned slot_shift)
{
    return code << (32 - KEY_BITS + share_bits) >> slot_shift;
}

/*
 * Vector instructions make entries ready; what is of texts is made again, where there are any. Always a whole
 * step: what is behind a list's end is another entry, or room that a part has for those of a run.
 */
static inline void make_ready(Ready *ready, const SegmentScores *scores, const uint64_t *from,
                              PlacePoints points, unsigned slot_shift)
{
    const unsigned share_bits = scores->share_bits;
    double whole[STEP]; // first, because a loop that rounds to integers is none of vectors
    for (size_t i = 0; i < STEP; i++)
        whole[i] = place_points_whole(points, (uint32_t)from[i]);
    for (size_t i = 0; i < STEP; i++)
        ready->scores[i] = (uint64_t)(int64_t)whole[i];
    for (size_t i = 0; i < STEP; i++) {
        ready->keys[i] = (uint32_t)(from[i] >> 32);
        ready->slots[i] = slot_of(ready->keys[i], share_bits, slot_shift);
    }
    for (size_t i = 0; scores->texts.count > 0 && i < ready->count; i++)
        if (ready->keys[i] & TEXT_KEY)
            ready->slots[i] =
                slot_of((uint32_t)code_of_text(text_of(scores, ready->keys[i] & ~TEXT_KEY)),
                        share_bits, slot_shift);
}

/*
 * Sum entries of a list; false: one is there twice. One entry in two is new, which no branch foretells,
 * so there is none: a free slot has number 0, whose key is always the right one.
 */
static bool sum_ready(SegmentScores *scores, const Ready *ready, uint32_t list, size_t mask)
{
    SegmentScore *const sums = scores->sums;
    uint16_t *const slots = scores->slots;
    size_t count = scores->count;
    uint64_t twice = 0;
    for (size_t i = 0; i < ready->count; i++) {
        const uint32_t key = ready->keys[i];
        size_t at = ready->slots[i], number = slots[at];
        sums[0].key = key;
        if (__builtin_expect(sums[number].key != key, 0))
            number = slots[at = seek(scores, key, at, mask)];
        const uint64_t new = number == 0, old = new - 1; // old: all ones, or none
        count += new;
        number |= count & -new;
        twice |= (sums[number].list == list) & old;
        sums[number].score = ready->scores[i] + (sums[number].score & old);
        sums[number].key = key;
        sums[number].list = list;
        slots[at] = (uint16_t)number;
    }
    scores->count = count;
    return !twice;
}

/* Sum a list's entries in a part. */
static bool sum_list(SegmentScores *scores, const uint64_t *from, const uint64_t *end, size_t list,
                     unsigned slot_shift)
{
    Ready ready;
    bool once = true;
    for (; once && from < end; from += ready.count) {
        ready.count = (size_t)(end - from) < STEP ? (size_t)(end - from) : STEP;
        make_ready(&ready, scores, from, scores->points[list], slot_shift);
        once = sum_ready(scores, &ready, (uint32_t)list, UINT32_MAX >> slot_shift);
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
    for (size_t i = 0; i < scores->count; i++) {
        uint64_t key = scores->summed[i].key;
        scores->summed[i].id = key & TEXT_KEY ? key ^ TEXT_KEY ^ TEXT_ID : part << KEY_BITS | key;
    }
    return once;
}
