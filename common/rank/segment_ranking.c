#include "common/rank/segment_ranking.h"
#include "common/rank/counters.h"
#include "common/rank/segment_code.h"
#include "common/rank/segment_name.h"

#include <assert.h>
#include <math.h>

#define PLACE_BITS (64 - SEGMENT_RANKED_ID_BITS)
#define DIGIT_BITS 11                         // of a place, behind the bucket's
#define BUCKET_BITS (PLACE_BITS - DIGIT_BITS) // the exponent, and 7 bits of the fraction
#define DIGITS ((uint32_t)1 << DIGIT_BITS)
#define BUCKETS ((uint32_t)1 << BUCKET_BITS)
#define ZERO_BUCKET (BUCKETS - 1) // of scores of 0, and no others
#define AHEAD ((size_t)32)        // entries whose new place is fetched before they go there
#define DEVIATIONS 4.0            // of what is foreseen: too few are kept in 3 of 100,000
#define SHORT_RUN ((size_t)16)    // up to here insertion sorts faster than qsort

static_assert(SEGMENT_CODE_BITS < SEGMENT_RANKED_ID_BITS, "an id has a bit more than a code");

/*
 * The place of a score up to 2^62: 2^63 as a float's bits less the score's, the upper ones. A score of 0 is
 * taken for one half, which is behind all others.
 */
static inline uint32_t place_of(uint64_t score)
{
    const uint32_t first = (uint32_t)(127 + 63) << 23; // the exponent of 2^63
    float value = (float)(int64_t)score;               // below 2^63, and so converted at once
    uint32_t bits;
    value = value > 0.5f ? value : 0.5f;
    memcpy(&bits, &value, sizeof bits);
    return (first - 1 - bits) >> (29 - PLACE_BITS);
}

static inline uint32_t bucket_of(uint64_t place_and_id)
{
    return (uint32_t)(place_and_id >> (SEGMENT_RANKED_ID_BITS + DIGIT_BITS));
}

static inline uint32_t digit_of(uint64_t place_and_id)
{
    return (uint32_t)(place_and_id >> SEGMENT_RANKED_ID_BITS) & (DIGITS - 1);
}

bool segment_ranking_open(SegmentRanking *ranking, size_t top, Failure *failure)
{
    *ranking = (SegmentRanking){ .top = top };
    ranking->buckets = malloc(BUCKETS * sizeof *ranking->buckets);
    return ranking->buckets || fail(failure, EX_OSERR, "out of memory for a ranking");
}

void segment_ranking_close(SegmentRanking *ranking)
{
    free(ranking->kept);
    free(ranking->spare);
    free(ranking->buckets);
    *ranking = (SegmentRanking){ 0 };
}

static void begin(SegmentRanking *ranking, uint32_t limit, bool certain)
{
    ranking->count = 0;
    ranking->limit = limit;
    ranking->certain = certain;
    memset(ranking->buckets, 0, BUCKETS * sizeof *ranking->buckets);
}

void segment_ranking_begin(SegmentRanking *ranking)
{
    begin(ranking, ZERO_BUCKET - 1, false);
}

/* The bucket where the best so many end; where there are fewer, the last one that is kept. */
static uint32_t last_bucket(const SegmentRanking *ranking, size_t wanted)
{
    uint32_t bucket = 0;
    for (size_t taken = 0; bucket < ZERO_BUCKET - 1; bucket++)
        if ((taken += ranking->buckets[bucket]) >= wanted)
            break;
    return bucket;
}

/* Drop what was kept and is behind the limit. */
static void drop_behind(SegmentRanking *ranking)
{
    RankedSegment *kept = ranking->kept;
    size_t at = 0;
    for (size_t i = 0; i < ranking->count; i++) {
        kept[at] = kept[i];
        at += bucket_of(kept[i].place_and_id) <= ranking->limit;
    }
    ranking->count = at;
}

void segment_ranking_foresee(SegmentRanking *ranking, double share)
{
    double mean = (double)ranking->top * share; // of the best ones, among those that were taken in
    if (ranking->certain)
        return;
    ranking->limit = last_bucket(ranking, (size_t)(mean + DEVIATIONS * sqrt(mean)) + 1);
    drop_behind(ranking);
}

bool segment_ranking_again(SegmentRanking *ranking)
{
    uint32_t last = last_bucket(ranking, ranking->top);
    if (last <= ranking->limit)
        return false;
    begin(ranking, last, true);
    return true;
}

/* Room for so many entries, and for looking ahead behind them. */
static bool reserve(RankedSegment **entries, size_t *room, size_t count, Failure *failure)
{
    if (count + AHEAD <= *room)
        return true;
    size_t wanted = (count + AHEAD) / 4 * 5;
    RankedSegment *grown = realloc(*entries, wanted * sizeof *grown);
    if (!grown)
        return fail(failure, EX_OSERR, "out of memory for %zu segments", wanted);
    *entries = grown;
    *room = wanted;
    return true;
}

/* Put an entry where the next one goes; returns where the one behind it goes. */
static inline RankedSegment *put(RankedSegment *at, uint32_t place, uint64_t id, uint64_t score,
                                 uint32_t limit)
{
    *at = (RankedSegment){ (uint64_t)place << SEGMENT_RANKED_ID_BITS | id, score };
    return at + (place >> DIGIT_BITS <= limit); // else it is overwritten
}

bool segment_ranking_add(SegmentRanking *ranking, const uint64_t *ids, const uint64_t *sums,
                         size_t count, Failure *failure)
{
    if (!reserve(&ranking->kept, &ranking->room, ranking->count + count, failure))
        return false;
    RankedSegment *kept = ranking->kept + ranking->count;
    uint32_t *buckets = ranking->buckets;
    const uint32_t limit = ranking->limit;
    for (size_t i = 0; i + 1 < count; i += 2) {
        uint32_t places[2] = { place_of(sums[i]), place_of(sums[i + 1]) }, before[2];
        kept = put(kept, places[0], ids[i], sums[i], limit);
        kept = put(kept, places[1], ids[i + 1], sums[i + 1], limit);
        counters_take(buckets, places[0] >> DIGIT_BITS, places[1] >> DIGIT_BITS, &before[0],
                      &before[1]);
    }
    if (count % 2) {
        uint32_t place = place_of(sums[count - 1]);
        kept = put(kept, place, ids[count - 1], sums[count - 1], limit);
        buckets[place >> DIGIT_BITS]++;
    }
    ranking->count = (size_t)(kept - ranking->kept);
    return true;
}

static SegmentName name_of(const SegmentScores *scores, uint64_t id, uint64_t *word)
{
    SegmentName name = { 0 };
    TextEntry text = segment_scores_text(scores, id, word);
    segment_name_parse(&name, text.text, text.length);
    return name;
}

static int compare_names(const SegmentScores *scores, uint64_t a, uint64_t b)
{
    uint64_t words[2];
    if ((a | b) <= SEGMENT_CODE_MASK)
        return a < b ? -1 : 1;
    SegmentName x = name_of(scores, a, &words[0]), y = name_of(scores, b, &words[1]);
    return segment_name_compare(&x, &y);
}

/* Entries of one place: by the score that it was rounded from, then by name. */
static int compare(const void *a, const void *b, void *scores)
{
    const RankedSegment *x = a, *y = b;
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return compare_names(scores, x->place_and_id & SEGMENT_RANKED_ID_MASK,
                         y->place_and_id & SEGMENT_RANKED_ID_MASK);
}

/* Sort entries of one place. */
static void sort_run(RankedSegment *entries, size_t count, const SegmentScores *scores)
{
    if (count > SHORT_RUN) {
        qsort_r(entries, count, sizeof *entries, compare, (void *)scores);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        RankedSegment entry = entries[i];
        size_t at = i;
        for (; at > 0 && compare(&entry, &entries[at - 1], (void *)scores) < 0; at--)
            entries[at] = entries[at - 1];
        entries[at] = entry;
    }
}

/*
 * Move entries, an even number of them, to where the places of each number begin. from: AHEAD entries behind
 * its end can be read.
 */
static inline void scatter(RankedSegment *to, const RankedSegment *from, size_t count,
                           uint32_t *places, uint32_t (*number_of)(uint64_t place_and_id))
{
    uint32_t first, second;
    for (size_t i = 0; i < count; i += 2) {
        __builtin_prefetch(&to[places[number_of(from[i + AHEAD].place_and_id)]], 1);
        __builtin_prefetch(&to[places[number_of(from[i + AHEAD + 1].place_and_id)]], 1);
        counters_take(places, number_of(from[i].place_and_id), number_of(from[i + 1].place_and_id),
                      &first, &second);
        to[first] = from[i];
        to[second] = from[i + 1];
    }
}

/*
 * Sort what is kept by place: by the digit, then by the bucket, of which the counts are known. An odd one is
 * made even by one that comes last.
 */
static void sort_by_place(SegmentRanking *ranking)
{
    const size_t count = ranking->count, even = count + count % 2;
    RankedSegment *kept = ranking->kept, *spare = ranking->spare;
    uint32_t digits[2][DIGITS] = { 0 }, *buckets = ranking->buckets;
    memset(kept + count, 0xff, (even - count + AHEAD) * sizeof *kept);
    memset(spare + even, 0xff, AHEAD * sizeof *spare);
    for (size_t i = 0; i < even; i += 2) {
        digits[0][digit_of(kept[i].place_and_id)]++;
        digits[1][digit_of(kept[i + 1].place_and_id)]++;
    }
    for (size_t i = 0; i < DIGITS; i++)
        digits[0][i] += digits[1][i];
    counters_to_places(digits[0], DIGITS);
    counters_to_places(buckets, ranking->limit + 1);
    buckets[ZERO_BUCKET] = (uint32_t)count;
    scatter(spare, kept, even, digits[0], digit_of);
    scatter(kept, spare, even, buckets, bucket_of);
}

static inline bool have_one_place(const RankedSegment *a, const RankedSegment *b)
{
    return (a->place_and_id ^ b->place_and_id) <= SEGMENT_RANKED_ID_MASK;
}

bool segment_ranking_finish(SegmentRanking *ranking, const SegmentScores *scores, Failure *failure)
{
    if (!reserve(&ranking->kept, &ranking->room, ranking->count + 1, failure)
        || !reserve(&ranking->spare, &ranking->spare_room, ranking->count + 1, failure))
        return false;
    sort_by_place(ranking);
    RankedSegment *kept = ranking->kept;
    for (size_t i = 0; i + 1 < ranking->count; i++) {
        if (!have_one_place(&kept[i], &kept[i + 1]))
            continue;
        size_t first = i;
        while (i + 1 < ranking->count && have_one_place(&kept[first], &kept[i + 1]))
            i++;
        sort_run(kept + first, i + 1 - first, scores);
    }
    ranking->count = ranking->count < ranking->top ? ranking->count : ranking->top;
    return true;
}
