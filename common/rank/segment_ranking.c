#include "common/rank/segment_ranking.h"
#include "common/rank/ranked.h"
#include "common/rank/segment_code.h"
#include "common/rank/segment_name.h"

#define BUCKET_SHIFT 16 // of an order's 32 bits: exponent and 7 bits of fraction stay
#define BUCKETS ((size_t)1 << (31 - BUCKET_SHIFT)) // scores aren't negative
#define DIGIT_BITS 11                              // behind a bucket's, that are sorted by
#define DIGITS ((uint32_t)1 << DIGIT_BITS)
#define TIE_SHIFT (32 + BUCKET_SHIFT - DIGIT_BITS) // of place << 32: what is left is compared
#define AHEAD ((size_t)32)                         // entries that are on their way into the cache
#define SORTED_AHEAD ((size_t)16)                  // numbers, likewise
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
        ranking->kept[at] = ranking->kept[i];
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
    size_t many = ranking->top + ranking->top / 4 * 3; // then it is pruned
    if (ranking->count >= many)
        prune(ranking);
    if (ranking->count + more <= ranking->room / 4 * 3)
        return true;
    size_t wanted = ranking->count + more, enough = many + more;
    size_t room = wanted < enough && enough < 2 * wanted ? enough : 2 * wanted;
    uint64_t *kept = realloc(ranking->kept, room * sizeof *kept);
    if (kept)
        ranking->kept = kept;
    uint64_t *scores = realloc(ranking->scores, room * sizeof *scores);
    if (scores)
        ranking->scores = scores;
    uint32_t *places = realloc(ranking->places, room * sizeof *places);
    if (places)
        ranking->places = places;
    if (!kept || !scores || !places)
        return fail(failure, EX_OSERR, "out of memory for %zu segments", room);
    ranking->room = room;
    return true;
}

bool segment_ranking_add(SegmentRanking *ranking, const SegmentScore *entries, size_t count,
                         Failure *failure)
{
    if (!reserve(ranking, count, failure))
        return false;
    uint64_t *kept = ranking->kept + ranking->count, *scores = ranking->scores + ranking->count;
    uint32_t *places = ranking->places + ranking->count;
    for (size_t i = 0; i < count; i++) {
        kept[i] = entries[i].id;
        scores[i] = entries[i].score;
        places[i] = place_of(entries[i].score);
    }
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

/* Entries of place << 32 | number: by place, then by what it was rounded from, then by name. */
static int compare(const void *a, const void *b, void *context)
{
    const Comparison *comparison = context;
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    if (first >> 32 != second >> 32)
        return first < second ? -1 : 1;
    const SegmentRanking *ranking = comparison->ranking;
    uint64_t x = ranking->scores[(uint32_t)first], y = ranking->scores[(uint32_t)second];
    if (x != y)
        return x > y ? -1 : 1;
    return compare_names(comparison, ranking->kept[(uint32_t)first],
                         ranking->kept[(uint32_t)second]);
}

/* Sort what sort_by_place takes for equal. */
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

/* Room for the numbers of so many entries, twice, and for looking ahead behind them. */
static bool reserve_numbers(SegmentRanking *ranking, size_t count, Failure *failure)
{
    if (count < ranking->number_room)
        return true;
    count++; // never none, whose address would be no address
    free(ranking->numbers);
    ranking->numbers = calloc(2 * count + AHEAD, sizeof *ranking->numbers);
    ranking->number_room = ranking->numbers ? count : 0;
    return ranking->numbers || fail(failure, EX_OSERR, "out of memory for %zu segments", count);
}

/* Turn counts into places; returns their sum. */
static size_t places_of(uint32_t *counts, size_t digits)
{
    uint32_t place = 0;
    for (size_t digit = 0; digit < digits; digit++) {
        uint32_t count = counts[digit];
        counts[digit] = place;
        place += count;
    }
    return place;
}

/* Of an entry's number, place << 32 | number: the digit within its bucket, and the bucket. */
static inline uint32_t digit_of(uint64_t number)
{
    return (uint32_t)(number >> TIE_SHIFT) & (DIGITS - 1);
}

static inline uint32_t bucket_of(uint64_t number)
{
    return (uint32_t)(number >> (32 + BUCKET_SHIFT)) & (BUCKETS - 1);
}

/*
 * Sort the numbers of the `count` entries up to a bucket, by the upper bits of their places: by the digit, then
 * by the bucket, of which the counts are known.
 */
static void sort_by_place(SegmentRanking *ranking, uint32_t last, size_t count)
{
    uint64_t *numbers = ranking->numbers, *spare = numbers + ranking->number_room;
    uint32_t digits[DIGITS] = { 0 }, *buckets = ranking->buckets;
    for (size_t i = 0, at = 0; i < ranking->count; i++) {
        bool matters = ranking->places[i] >> BUCKET_SHIFT <= last;
        numbers[at] = (uint64_t)ranking->places[i] << 32 | i; // overwritten where it doesn't matter
        digits[digit_of(numbers[at])] += matters;
        at += matters;
    }
    places_of(digits, DIGITS);
    for (size_t i = 0; i < count; i++) {
        __builtin_prefetch(&spare[digits[digit_of(numbers[i + SORTED_AHEAD])]], 1);
        spare[digits[digit_of(numbers[i])]++] = numbers[i];
    }
    for (size_t i = 0; i < count; i++) {
        __builtin_prefetch(&numbers[buckets[bucket_of(spare[i + SORTED_AHEAD])]], 1);
        numbers[buckets[bucket_of(spare[i])]++] = spare[i];
    }
}

/* Put ids in the place of numbers that are sorted; the entries of those behind are fetched meanwhile. */
static inline void put_ids(const SegmentRanking *ranking, size_t from, size_t end)
{
    uint64_t *numbers = ranking->numbers;
    for (size_t i = from; i < end; i++) {
        __builtin_prefetch(&ranking->kept[(uint32_t)numbers[i + AHEAD]]);
        numbers[i] = ranking->kept[(uint32_t)numbers[i]];
    }
}

bool segment_ranking_finish(SegmentRanking *ranking, const SegmentScores *scores, Failure *failure)
{
    Comparison comparison = { ranking, scores };
    uint32_t last = last_bucket(ranking);
    size_t count = places_of(ranking->buckets, last + 1), end;
    if (!reserve_numbers(ranking, count + 1, failure))
        return false;
    sort_by_place(ranking, last, count);
    uint64_t *numbers = ranking->numbers;
    memset(numbers + count, 0, AHEAD * sizeof *numbers);
    for (size_t i = 0; i < count; i = end) {
        for (end = i + 1; end < count && numbers[end] >> TIE_SHIFT == numbers[i] >> TIE_SHIFT;)
            end++;
        sort_run(numbers + i, end - i, &comparison);
        put_ids(ranking, i, end);
    }
    ranking->ids = numbers;
    ranking->count = count < ranking->top ? count : ranking->top;
    return true;
}
