/* Rankings of segments: the best ones, in order, of few and many, of equal and unequal scores. */
#include "common/rank/segment_ranking.h"

#include "suite.h"

#define PART ((size_t)701)        // entries that come together
#define SAMPLE ((size_t)8 * PART) // entries from which is foreseen how many will matter

typedef struct Expected {
    uint64_t score, code;
} Expected;

static int by_score(const void *a, const void *b)
{
    const Expected *x = a, *y = b;
    return x->score != y->score ? (x->score < y->score ? 1 : -1)
                                : (x->code > y->code) - (x->code < y->code);
}

/* Take in entries in parts; after SAMPLE of them what is to come is foreseen. */
static void take_in(SegmentRanking *ranking, const uint64_t *ids, const uint64_t *scores,
                    size_t count)
{
    Failure failure = { 0 };
    for (size_t i = 0; i < count; i += PART) {
        if (i == SAMPLE)
            segment_ranking_foresee(ranking, (double)SAMPLE / (double)count);
        ck_assert(segment_ranking_add(ranking, ids + i, scores + i,
                                      count - i < PART ? count - i : PART, &failure));
    }
}

/*
 * Rank entries of given scores, twice, and hold the ids against a sort of all. Returns how often too few
 * were kept.
 */
static unsigned check_ranking(const uint64_t *scores, size_t count, size_t top)
{
    Failure failure = { 0 };
    SegmentRanking ranking;
    SegmentScores none = { 0 };
    uint64_t *ids = malloc((count + 1) * sizeof *ids);
    Expected *expected = malloc((count + 1) * sizeof *expected);
    size_t positive = 0;
    unsigned again = 0;
    for (size_t i = 0; i < count; i++) {
        ids[i] = (i * 7919) % 1000003; // a name's code
        expected[i] = (Expected){ scores[i], ids[i] };
        positive += scores[i] > 0;
    }
    qsort(expected, count, sizeof *expected, by_score);
    ck_assert(segment_ranking_open(&ranking, top, &failure));
    for (unsigned round = 0; round < 2; round++) {
        segment_ranking_begin(&ranking);
        take_in(&ranking, ids, scores, count);
        for (; segment_ranking_again(&ranking); again++)
            take_in(&ranking, ids, scores, count);
        ck_assert(segment_ranking_finish(&ranking, &none, &failure));
        ck_assert_uint_eq(ranking.count, positive < top ? positive : top);
        for (size_t rank = 0; rank < ranking.count; rank++)
            ck_assert_uint_eq(segment_ranking_id(&ranking, rank), expected[rank].code);
    }
    segment_ranking_close(&ranking);
    free(ids);
    free(expected);
    return again;
}

/* Scores of a kind. */
static void draw(uint64_t *scores, size_t count, int kind)
{
    uint64_t state = 3;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        uint64_t any = state >> 20;
        scores[i] = kind == 0 ? any + 1                          // all over
            : kind == 1       ? any % 50                         // many ties, and zeros
            : kind == 2       ? ((uint64_t)1 << 61) + any % 1000 // equal as floats
            : kind == 3       ? i + 1                            // each better than those before
                              : count - i;                             // each worse
    }
}

START_TEST(the_best_of_many_are_ranked)
{
    enum { COUNT = 60000 };
    static uint64_t scores[COUNT];
    static const size_t tops[] = { 1, 50, 5000, 59999, 60000, 100000 };
    draw(scores, COUNT, _i);
    for (size_t i = 0; i < sizeof tops / sizeof *tops; i++)
        check_ranking(scores, COUNT, tops[i]);
}
END_TEST

START_TEST(where_a_sample_misleads_all_are_taken_in_again)
{
    enum { COUNT = 60000 };
    static uint64_t scores[COUNT];
    draw(scores, COUNT, 0);
    ck_assert_uint_eq(check_ranking(scores, COUNT, 20000), 0);
    draw(scores, COUNT, 3); // the best come last, and all of them are kept
    ck_assert_uint_eq(check_ranking(scores, COUNT, 20000), 0);
    draw(scores, COUNT, 4); // the best came first, and the others aren't as good as they promised
    ck_assert_uint_eq(check_ranking(scores, COUNT, 20000), 2);
}
END_TEST

START_TEST(few_are_ranked_and_so_are_none)
{
    static const uint64_t scores[] = { 5, 0, 9, (uint64_t)1 << 62, 9, 1 };
    for (size_t count = 0; count <= 6; count++)
        for (size_t top = 1; top < 8; top++)
            check_ranking(scores, count, top);
    check_ranking((const uint64_t[]){ 0, 0 }, 2, 1);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("segment_ranking");
    tcase_add_loop_test(cases, the_best_of_many_are_ranked, 0, 5);
    tcase_add_test(cases, where_a_sample_misleads_all_are_taken_in_again);
    tcase_add_test(cases, few_are_ranked_and_so_are_none);
    return run_case("segment_ranking", cases);
}
