/* Weights by name: whatever their order, and what is refused. */
#include "common/rank/named_weights.h"

#include "suite.h"

static Arena arena;
static Failure failure;
static const char *const names[] = { "bert-first", "bert-mean", "vlad" };
static double *weights;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 20, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

static bool parse(const char *text)
{
    return named_weights_parse(&weights, names, 3, text, &arena, &failure);
}

START_TEST(weights_come_to_their_names_in_any_order)
{
    ck_assert_msg(parse("vlad=0.5,bert-first=2e-1,bert-mean=0"), "%s", failure.message);
    ck_assert_double_eq(weights[0], 0.2);
    ck_assert_double_eq(weights[1], 0);
    ck_assert_double_eq(weights[2], 0.5);
}
END_TEST

START_TEST(weights_are_one_where_none_is_given)
{
    ck_assert(parse(NULL));
    for (size_t i = 0; i < 3; i++)
        ck_assert_double_eq(weights[i], 1);
}
END_TEST

START_TEST(files_are_named_without_folder_and_ending)
{
    static const char *const paths[] = { "build/x.y/bert-first.csv", "v1.2.csv", "plain" };
    const char **found;
    ck_assert(names_of_files(&found, paths, 3, &arena, &failure));
    ck_assert_str_eq(found[0], "bert-first");
    ck_assert_str_eq(found[1], "v1.2");
    ck_assert_str_eq(found[2], "plain");
}
END_TEST

START_TEST(two_files_of_one_name_are_refused)
{
    static const char *const paths[] = { "a/x.csv", "y.csv", "b/x.csv" };
    const char **found;
    ck_assert(!names_of_files(&found, paths, 3, &arena, &failure));
    ck_assert_int_eq(failure.code, EX_USAGE);
    ck_assert_str_eq(failure.message, "a/x.csv and b/x.csv are both named x; rename one");
}
END_TEST

START_TEST(weights_that_do_not_fit_are_refused)
{
    static const char *const cases[][2] = {
        { "bert-first=1,bert-mean=1",
          "--weights: vlad has none; add vlad=WEIGHT (0 leaves it out)" },
        { "bert-first=1,bert-mean=1,vlad=1,more=2",
          "--weights: no file is named more; the files are named bert-first, bert-mean, vlad" },
        { "bert-first=1,vlad=1,bert-first=2",
          "--weights: bert-first has two weights; give it one" },
        { "1,2,1", "--weights: \"1\" is no pair; write NAME=WEIGHT" },
        { "", "--weights: \"\" is no pair; write NAME=WEIGHT" },
        { "bert-first=1,bert-mean=-1,vlad=1",
          "--weights: bert-mean=-1: a weight is a finite number from 0" },
        { "bert-first=nan,bert-mean=1,vlad=1",
          "--weights: bert-first=nan: a weight is a finite number from 0" },
        { "bert-first=inf,bert-mean=1,vlad=1",
          "--weights: bert-first=inf: a weight is a finite number from 0" },
        { "bert-first=1e999,bert-mean=1,vlad=1",
          "--weights: bert-first=1e999: a weight is a finite number from 0" },
        { "bert-first=,bert-mean=1,vlad=1",
          "--weights: bert-first=: a weight is a finite number from 0" },
        { "bert-first=0,bert-mean=0,vlad=0", "--weights: all are 0; give a weight above 0" },
    };
    ck_assert(!parse(cases[_i][0]));
    ck_assert_int_eq(failure.code, EX_USAGE);
    ck_assert_str_eq(failure.message, cases[_i][1]);
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("named_weights");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, weights_come_to_their_names_in_any_order);
    tcase_add_test(cases, weights_are_one_where_none_is_given);
    tcase_add_test(cases, files_are_named_without_folder_and_ending);
    tcase_add_test(cases, two_files_of_one_name_are_refused);
    tcase_add_loop_test(cases, weights_that_do_not_fit_are_refused, 0, 11);
    return run_case("named_weights", cases);
}
