#include "common/rank/segment_ranking.h"
#include "common/rank/radix.h"
#include "common/rank/ranked.h"
#include "common/rank/segment_code.h"
#include "common/rank/segment_name.h"

#define BUCKET_SHIFT 16 // of an order's 32 bits: exponent and 7 bits of fraction stay
#define BUCKETS ((size_t)1 << (31 - BUCKET_SHIFT)) // scores aren't negative
#define AHEAD ((size_t)32)                         // ids that are on their way into the cache
#define SHORT_RUN ((size_t)16)                     // up to here insertion sorts faster than qsort

/* The better the score, the smaller. */
static inline uint32_t place_of(uint64_t score)
{
    return ~order_of_float((float)(int64_t)score); // below 2^63, and so converted at once
}

bool segment_ranking_open(SegmentRanking *ranking, size_t top, Failure *failure)
{
    *ranking = (SegmentRanking){ .top = top };
    ranking->buckets = malloc(BUCKETS * sizeof *ranking->buckets);
    return ranking->buckets || fail(failure, EX_OSERR, "out of memory for a ranking");
}

void segment_ranking_close(SegmentRanking *ranking)
{
    free(ranking->ids);
    free(ranking->scores);
    free(ranking->places);
    free(ranking->numbers);
    free(ranking->buckets);
    *ranking = (SegmentRanking){ 0 };
}

void segment_ranking_begin(SegmentRanking *ranking)
{
    ranking->count = 0;
    memset(ranking->buckets, 0, BUCKETS * sizeof *ranking->buckets);
}

/* The last bucket with one of the best `top` entries. */
static uint32_t last_bucket(const SegmentRanking *ranking)
{
    uint32_t bucket = 0, zero = place_of(0) >> BUCKET_SHIFT;
    for (size_t taken = 0; bucket < zero; bucket++)
        if ((taken += ranking->buckets[bucket]) >= ranking->top)
            return bucket;
    return zero - 1;
}

/* Drop what is behind the last bucket that matters. */
static void prune(SegmentRanking *ranking)
{
    uint32_t last = last_bucket(ranking);
    size_t at = 0;
    for (size_t i = 0; i < ranking->count; i++) {
        ranking->ids[at] = ranking->ids[i];
        ranking->scores[at] = ranking->scores[i];
        ranking->places[at] = ranking->places[i];
        at += ranking->places[i] >> BUCKET_SHIFT <= last;
    }
    ranking->count = at; // the buckets behind it may go on counting: nobody asks for them again
}

/* Room for so many more. What doesn't matter goes first, but not again and again where that is little. */
static bool reserve(SegmentRanking *ranking, size_t more, Failure *failure)
{
    if (ranking->count + more <= ranking->room)
        return true;
    if (ranking->count >= 2 * ranking->top)
        prune(ranking);
    if (ranking->count + more <= ranking->room / 4 * 3)
        return true;
    size_t wanted = ranking->count + more, enough = 2 * ranking->top + more; // then it is pruned
    size_t room = wanted < enough && enough < 2 * wanted ? enough : 2 * wanted;
    uint64_t *ids = realloc(ranking->ids, room * sizeof *ids);
    if (ids)
        ranking->ids = ids;
    uint64_t *scores = realloc(ranking->scores, room * sizeof *scores);
    if (scores)
        ranking->scores = scores;
    uint32_t *places = realloc(ranking->places, room * sizeof *places);
    if (places)
        ranking->places = places;
    if (!ids || !scores || !places)
        return fail(failure, EX_OSERR, "out of memory for %zu segments", room);
    ranking->room = room;
    return true;
}

bool segment_ranking_add(SegmentRanking *ranking, const SegmentScore *entries, size_t count,
                         Failure *failure)
{
    if (!reserve(ranking, count, failure))
        return false;
    uint64_t *ids = ranking->ids + ranking->count, *scores = ranking->scores + ranking->count;
    uint32_t *places = ranking->places + ranking->count;
    for (size_t i = 0; i < count; i++) {
        ids[i] = entries[i].id;
        scores[i] = entries[i].score;
    }
    for (size_t i = 0; i < count; i++)
        places[i] = place_of(scores[i]);
    for (size_t i = 0; i < count; i++)
        ranking->buckets[places[i] >> BUCKET_SHIFT]++;
    ranking->count += count;
    return true;
}

/* Kept entries, being compared. */
typedef struct Comparison {
    const SegmentRanking *ranking;
    const SegmentScores *scores;
} Comparison;

static SegmentName name_of(const Comparison *comparison, uint64_t id, uint64_t *word)
{
    SegmentName name = { 0 };
    TextEntry text = segment_scores_text(comparison->scores, id, word);
    segment_name_parse(&name, text.text, text.length);
    return name;
}

static int compare_names(const Comparison *comparison, uint64_t a, uint64_t b)
{
    uint64_t words[2];
    if ((a | b) <= SEGMENT_CODE_MASK)
        return segment_unscramble(a) < segment_unscramble(b) ? -1 : 1;
    SegmentName x = name_of(comparison, a, &words[0]), y = name_of(comparison, b, &words[1]);
    return segment_name_compare(&x, &y);
}

static int compare(const void *a, const void *b, void *context)
{
    const Comparison *comparison = context;
    const SegmentRanking *ranking = comparison->ranking;
    size_t x = (uint32_t) * (const uint64_t *)a, y = (uint32_t) * (const uint64_t *)b;
    if (ranking->scores[x] != ranking->scores[y])
        return ranking->scores[x] > ranking->scores[y] ? -1 : 1;
    return compare_names(comparison, ranking->ids[x], ranking->ids[y]);
}

/* Sort what a radix sort takes for equal. */
static void sort_run(uint64_t *numbers, size_t count, Comparison *comparison)
{
    if (count > SHORT_RUN) {
        qsort_r(numbers, count, sizeof *numbers, compare, comparison);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        uint64_t number = numbers[i];
        size_t at = i;
        for (; at > 0 && compare(&number, &numbers[at - 1], comparison) < 0; at--)
            numbers[at] = numbers[at - 1];
        numbers[at] = number;
    }
}

/* Room for the numbers of so many entries, twice. */
static bool reserve_numbers(SegmentRanking *ranking, size_t count, Failure *failure)
{
    if (count < ranking->number_room)
        return true;
    count++; // never none, whose address would be no address
    free(ranking->numbers);
    ranking->numbers = malloc(2 * count * sizeof *ranking->numbers);
    ranking->number_room = ranking->numbers ? count : 0;
    return ranking->numbers || fail(failure, EX_OSERR, "out of memory for %zu segments", count);
}

bool segment_ranking_finish(SegmentRanking *ranking, const SegmentScores *scores, Failure *failure)
{
    Comparison comparison = { ranking, scores };
    uint32_t last = last_bucket(ranking);
    size_t count = 0, end;
    for (uint32_t bucket = 0; bucket <= last; bucket++)
        count += ranking->buckets[bucket];
    if (!reserve_numbers(ranking, count + 1, failure))
        return false;
    count = 0;
    for (size_t i = 0; i < ranking->count; i++) {
        ranking->numbers[count] = (uint64_t)ranking->places[i] << 32 | i; // and overwritten
        count += ranking->places[i] >> BUCKET_SHIFT <= last;
    }
    uint64_t *numbers = radix_sort_upper(ranking->numbers, ranking->numbers + count, count);
    for (size_t i = 0; i < count; i = end) {
        for (end = i + 1; end < count && numbers[end] >> 32 == numbers[i] >> 32;)
            end++;
        sort_run(numbers + i, end - i, &comparison);
    }
    ranking->sorted = numbers;
    ranking->count = count < ranking->top ? count : ranking->top;
    return true;
}

void segment_ranking_ids(const SegmentRanking *ranking, size_t rank, uint64_t *ids, size_t count)
{
    const uint64_t *sorted = ranking->sorted + rank;
    size_t ahead = ranking->count - rank - count < AHEAD ? 0 : AHEAD;
    for (size_t i = 0; i < count; i++) {
        __builtin_prefetch(&ranking->ids[(uint32_t)sorted[i + ahead]]);
        ids[i] = ranking->ids[(uint32_t)sorted[i]];
    }
}
