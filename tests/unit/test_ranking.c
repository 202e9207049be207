/* Heaps, sorts, average precision, numbers: the parts that rankings are made of. */
#include "common/rank/average_precision.h"
#include "common/rank/heap.h"
#include "common/rank/number.h"
#include "common/rank/radix.h"
#include "common/rank/text_table.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 28, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

START_TEST(a_heap_keeps_the_best_in_any_order_of_offers)
{
    static const float scores[] = { 0.5f, -1, 0.5f, 2, 0.0f, -0.0f, 0.5f, 1e-40f };
    static const uint32_t wanted[] = { 3, 0, 2, 6, 7, 4, 5 }; // by score, then by number
    for (size_t first = 0; first < 8; first++) {
        TopHeap heap;
        ck_assert(top_heap_open(&heap, 7, &arena, &failure));
        for (size_t i = 0; i < 8; i++) {
            uint32_t at = (uint32_t)((first + 3 * i) % 8);
            top_heap_offer(&heap, ranked(scores[at], at));
        }
        top_heap_sort(&heap);
        ck_assert_uint_eq(heap.count, 7);
        for (size_t i = 0; i < 7; i++) {
            ck_assert_uint_eq(ranked_tie(heap.items[i]), wanted[i]);
            ck_assert_float_eq(ranked_score(heap.items[i]), scores[wanted[i]]);
        }
    }
}
END_TEST

START_TEST(a_list_worked_by_hand_gets_its_value)
{
    // ranks 1 and 3 hold the positives: (1/1 + 2/3) / 2
    static const uint8_t positive[] = { 1, 0, 1, 0 };
    ck_assert_double_eq_tol(average_precision_of_ranking(positive, 4, RANKS_ALL, POSITIVES_OF_LIST),
                            5.0 / 6, 1e-15);
    // n = 2 cuts the second positive; the divisor is min(2, 2)
    ck_assert_double_eq_tol(average_precision_of_ranking(positive, 4, 2, POSITIVES_OF_LIST), 0.5,
                            1e-15);
    // P = 5 of which two were listed; n = 3 is the divisor then
    ck_assert_double_eq_tol(average_precision_of_ranking(positive, 4, RANKS_ALL, 5), 1.0 / 3,
                            1e-15);
    ck_assert_double_eq_tol(average_precision_of_ranking(positive, 4, 3, 5), 5.0 / 9, 1e-15);
    // P smaller than what is found is trusted
    ck_assert_double_eq_tol(average_precision_of_ranking(positive, 4, RANKS_ALL, 1), 5.0 / 3,
                            1e-15);
    ck_assert_double_eq(average_precision_of_ranking(positive, 0, RANKS_ALL, POSITIVES_OF_LIST), 0);
    ck_assert_double_eq(average_precision_of_ranking(positive, 4, RANKS_ALL, 0), 0);
}
END_TEST

START_TEST(scores_are_ranked_from_the_highest_and_ties_stay_in_order)
{
    static const float scores[] = { -0.5f, 0.25f, 3, 0.25f, 0, -0.0f, -7 };
    static const uint8_t positive[] = { 1, 0, 0, 1, 0, 1, 1 };
    // order 2 1 3 4 5 0 6: positives at ranks 3, 5, 6, 7
    double value;
    ck_assert(average_precision_of_scores(scores, positive, 7, RANKS_ALL, POSITIVES_OF_LIST, &value,
                                          arena, &failure));
    ck_assert_double_eq_tol(value, (1.0 / 3 + 2.0 / 5 + 3.0 / 6 + 4.0 / 7) / 4, 1e-15);
}
END_TEST

START_TEST(entries_are_sorted_and_equal_keys_stay_in_order)
{
    enum { COUNT = 5000 };
    static ListEntry entries[COUNT], spare[COUNT];
    uint64_t state = 1;
    for (uint32_t i = 0; i < COUNT; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        double score = (double)(int64_t)(state >> 40) / 1e6 - 8;
        entries[i] = (ListEntry){ ~order_of_double(i % 3 ? score : (double)(i % 7)), i, 0 };
    }
    const ListEntry *sorted = radix_sort_entries(entries, spare, COUNT);
    for (size_t i = 1; i < COUNT; i++)
        ck_assert(sorted[i - 1].key < sorted[i].key
                  || (sorted[i - 1].key == sorted[i].key && sorted[i - 1].class < sorted[i].class));
}
END_TEST

/* What strtod says of the same text. */
START_TEST(numbers_are_read_as_the_c_library_reads_them)
{
    static const char *const texts[] = { "0",
                                         "-0",
                                         "1",
                                         "0.1",
                                         "1e-05",
                                         "0.999999",
                                         "1e22",
                                         "123456789012345678",
                                         "4.9e-324",
                                         "1.7976931348623157e308",
                                         ".5",
                                         "5.",
                                         "+2",
                                         "0.3000000000000000444",
                                         "000000000000000000000000001" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double number;
        ck_assert_msg(number_real(texts[i], strlen(texts[i]), &number), "%s", texts[i]);
        ck_assert_double_eq(number, strtod(texts[i], NULL));
    }
    for (int i = 0; i < 100000; i++) {
        char text[32];
        double number;
        int length =
            snprintf(text, sizeof text, i % 2 ? "%.6g" : "%.17g", sin(i) * pow(10, i % 9 - 6));
        ck_assert(number_real(text, (size_t)length, &number));
        ck_assert_double_eq(number, strtod(text, NULL));
    }
}
END_TEST

START_TEST(what_is_no_finite_number_is_refused)
{
    static const char *const texts[] = { "",
                                         "nan",
                                         "inf",
                                         "1e999",
                                         "0x1",
                                         "1 ",
                                         " 1",
                                         "e5",
                                         "1e",
                                         "1e+",
                                         "--1",
                                         ".",
                                         "1,5",
                                         "0.00000000000000000000000000000000000000000000000000000"
                                         "00000000001" };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        double number;
        ck_assert_msg(!number_real(texts[i], strlen(texts[i]), &number), "%s", texts[i]);
    }
    uint32_t whole;
    ck_assert(number_whole("4294967295", 10, &whole) && whole == UINT32_MAX);
    ck_assert(!number_whole("4294967296", 10, &whole));
    ck_assert(!number_whole("99999999999999999999", 20, &whole));
    ck_assert(!number_whole("", 0, &whole) && !number_whole("-1", 2, &whole));
}
END_TEST

START_TEST(texts_keep_their_numbers_and_strangers_are_not_found)
{
    enum { COUNT = 3000 };
    static char texts[COUNT][40];
    TextTable table;
    uint32_t *ranks;
    ck_assert(text_table_open(&table, COUNT, &arena, &failure));
    for (int i = 0; i < COUNT; i++) {
        int length = snprintf(texts[i], sizeof *texts, "%d%.*s", i, i % 30,
                              "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx");
        ck_assert_uint_eq(text_table_enter(&table, texts[i], (size_t)length), i);
        ck_assert_uint_eq(text_table_enter(&table, texts[i], (size_t)length), i);
    }
    ck_assert_uint_eq(table.count, COUNT);
    for (int i = 0; i < COUNT; i++) {
        ck_assert_uint_eq(text_table_find(&table, texts[i], strlen(texts[i])), i);
        strcat(texts[i], "y");
        ck_assert_uint_eq(text_table_find(&table, texts[i], strlen(texts[i])), TEXT_NONE);
    }
    ck_assert(text_table_ranks(&table, &ranks, &arena, &failure));
    for (int i = 1; i < COUNT; i++)
        ck_assert((strncmp(texts[i - 1], texts[i], strlen(texts[i - 1]) - 1) < 0)
                  == (ranks[i - 1] < ranks[i]));
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("ranking");
    TCase *cases = tcase_create("ranking");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, a_heap_keeps_the_best_in_any_order_of_offers);
    tcase_add_test(cases, a_list_worked_by_hand_gets_its_value);
    tcase_add_test(cases, scores_are_ranked_from_the_highest_and_ties_stay_in_order);
    tcase_add_test(cases, entries_are_sorted_and_equal_keys_stay_in_order);
    tcase_add_test(cases, numbers_are_read_as_the_c_library_reads_them);
    tcase_add_test(cases, what_is_no_finite_number_is_refused);
    tcase_add_test(cases, texts_keep_their_numbers_and_strangers_are_not_found);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
