#include "common/rank/segment_ranking.h"
#include "common/rank/radix.h"
#include "common/rank/ranked.h"
#include "common/rank/segment_name.h"

#define BUCKET_SHIFT 16 // of an order's 32 bits: exponent and 7 bits of fraction stay
#define BUCKETS ((size_t)1 << (31 - BUCKET_SHIFT)) // scores aren't negative
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
    free(ranking->kept);
    free(ranking->numbers);
    free(ranking->buckets);
    *ranking = (SegmentRanking){ 0 };
}

/* Room for so many kept entries. */
static bool reserve(SegmentRanking *ranking, size_t count, Failure *failure)
{
    if (count <= ranking->room)
        return true;
    SegmentScore *kept = realloc(ranking->kept, count * sizeof *kept);
    if (!kept)
        return fail(failure, EX_OSERR, "out of memory for %zu segments", count);
    ranking->kept = kept;
    ranking->room = count;
    return true;
}

/* The last bucket with one of the best `top` entries; how many entries there are up to it. */
static uint32_t last_bucket(const SegmentRanking *ranking, const SegmentScore *entries,
                            size_t count, size_t *taken)
{
    uint32_t bucket = 0, zero = place_of(0) >> BUCKET_SHIFT;
    memset(ranking->buckets, 0, BUCKETS * sizeof *ranking->buckets);
    for (size_t i = 0; i < count; i++)
        ranking->buckets[place_of(entries[i].score) >> BUCKET_SHIFT]++;
    for (*taken = 0; bucket < zero; bucket++)
        if ((*taken += ranking->buckets[bucket]) >= ranking->top)
            return bucket;
    return zero - 1;
}

/* Append the entries up to the last bucket that matters. They may be the kept ones themselves. */
static bool keep(SegmentRanking *ranking, const SegmentScore *entries, size_t count,
                 Failure *failure)
{
    size_t taken, at = ranking->count;
    uint32_t last = last_bucket(ranking, entries, count, &taken);
    if (!reserve(ranking, at + taken + 1, failure))
        return false;
    for (size_t i = 0; i < count; i++) {
        ranking->kept[at] = entries[i]; // and overwritten, where it doesn't stay
        at += place_of(entries[i].score) >> BUCKET_SHIFT <= last;
    }
    ranking->count = at;
    return true;
}

bool segment_ranking_add(SegmentRanking *ranking, const SegmentScores *scores, Failure *failure)
{
    size_t before = ranking->count;
    if (!keep(ranking, scores->entries, scores->count, failure))
        return false;
    if (before == 0)
        return true;
    size_t count = ranking->count;
    ranking->count = 0;
    return keep(ranking, ranking->kept, count, failure);
}

/* Kept entries, being compared. */
typedef struct Comparison {
    const SegmentScore *kept;
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
    if (segment_word_is_name(a) && segment_word_is_name(b))
        return segment_word_order(a) < segment_word_order(b) ? -1 : 1;
    SegmentName x = name_of(comparison, a, &words[0]), y = name_of(comparison, b, &words[1]);
    return segment_name_compare(&x, &y);
}

static int compare(const void *a, const void *b, void *context)
{
    const Comparison *comparison = context;
    const SegmentScore *x = &comparison->kept[(uint32_t) * (const uint64_t *)a];
    const SegmentScore *y = &comparison->kept[(uint32_t) * (const uint64_t *)b];
    if (x->score != y->score)
        return x->score > y->score ? -1 : 1;
    return compare_names(comparison, x->id, y->id);
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
    Comparison comparison = { ranking->kept, scores };
    size_t count = ranking->count, end;
    if (!reserve_numbers(ranking, count, failure))
        return false;
    for (size_t i = 0; i < count; i++)
        ranking->numbers[i] = (uint64_t)place_of(ranking->kept[i].score) << 32 | i;
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
