/* The search: what it finds, and that it is a function of its settings and trials. */
#include "suite.h"
#include "temporary.h"
#include "common/base/parallel.h"
#include "common/search/search_state.h"

#include <math.h>
#include <string.h>

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 30, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

/* Branin's function, negative: its maxima are -0.397887. */
static double branin(const double *point)
{
    const double pi = acos(-1);
    double x = 15 * point[0] - 5, y = 15 * point[1];
    double a = y - 5.1 / (4 * pi * pi) * x * x + 5 / pi * x - 6;
    return -(a * a + 10 * (1 - 1 / (8 * pi)) * cos(x) + 10);
}

/* The best shares are 0.6, 0.3, 0.1 and 0. */
static double shares(const double *point)
{
    static const double best[4] = { 0.6, 0.3, 0.1, 0 };
    double sum = point[0] + point[1] + point[2] + point[3], value = 0;
    for (size_t i = 0; i < 4; i++)
        value -= (point[i] / sum - best[i]) * (point[i] / sum - best[i]);
    return value;
}

static const SearchSettings of_branin = { .dimensions = 2, .trials = 40, .drawn = 4, .seed = 3 };
static const SearchSettings of_shares = {
    .dimensions = 4, .shares = 4, .trials = 30, .drawn = 6, .seed = 3
};

/* Go on until `trials` trials are done. */
static void search_on(Search *search, double (*function)(const double *), size_t trials)
{
    double point[4];
    Trial trial;
    while (search->count < trials) {
        search_next(search, point, &trial);
        trial.value = function(point);
        search_tell(search, point, trial);
    }
}

static void open_search(Search *search, const SearchSettings *settings)
{
    ck_assert(search_create(search, settings, &arena, &failure));
}

static void check_same(const Search *a, const Search *b)
{
    ck_assert_uint_eq(a->count, b->count);
    ck_assert_mem_eq(a->points, b->points, a->count * a->settings.dimensions * sizeof(double));
    for (size_t i = 0; i < a->count; i++)
        ck_assert(memcmp(&a->trials[i].expected, &b->trials[i].expected, sizeof(double)) == 0);
}

START_TEST(a_maximum_of_branins_function_is_found_in_40_trials)
{
    SearchSettings settings = of_branin;
    settings.acquisition = (Acquisition)_i;
    Search search;
    open_search(&search, &settings);
    search_on(&search, branin, 40);
    ck_assert_double_gt(search.values[search_best(&search)], -0.40);
}
END_TEST

START_TEST(the_best_shares_are_found_in_30_trials)
{
    Search search;
    open_search(&search, &of_shares);
    search_on(&search, shares, 30);
    ck_assert_double_gt(search.values[search_best(&search)], -1e-4);
}
END_TEST

START_TEST(shares_add_up_to_1_and_are_rounded_to_millionths)
{
    double point[3] = { 1, 1, 0.1234567891 }, none[3] = { 0, 0, 0 };
    SearchSettings settings = { .dimensions = 3, .shares = 2 };
    search_round(&settings, point);
    search_round(&settings, none);
    ck_assert_double_eq(point[0], 0.5);
    ck_assert_double_eq(point[2], 123457 / 1e6);
    ck_assert_double_eq(none[1], 0.5);
    ck_assert_double_eq(none[2], 0);
}
END_TEST

START_TEST(first_points_are_those_given_and_no_point_is_tried_twice)
{
    const double initial[12] = { 1, 1, 1, 1, 2, 2, 2, 2, 3, 1, 0, 0 }; // the second is the first's
    SearchSettings settings = of_shares;
    settings.initial = initial;
    settings.initial_count = 3;
    Search search;
    open_search(&search, &settings);
    search_on(&search, shares, 20);
    ck_assert_double_eq(search.points[0], 0.25);
    ck_assert_double_eq(search.points[8], 0.75);
    for (size_t i = 0; i < 20; i++)
        for (size_t j = 0; j < i; j++)
            ck_assert_mem_ne(search.points + 4 * i, search.points + 4 * j, 4 * sizeof(double));
}
END_TEST

START_TEST(the_same_trials_are_made_by_any_number_of_threads)
{
    Search one, three;
    open_search(&one, &of_shares);
    open_search(&three, &of_shares);
    parallel_threads(1);
    search_on(&one, shares, 18);
    parallel_threads(3);
    search_on(&three, shares, 18);
    parallel_threads(0);
    check_same(&one, &three);
}
END_TEST

START_TEST(another_seed_makes_other_trials)
{
    SearchSettings settings = of_shares;
    Search a, b;
    settings.seed = 4;
    open_search(&a, &of_shares);
    open_search(&b, &settings);
    search_on(&a, shares, 3);
    search_on(&b, shares, 3);
    ck_assert_mem_ne(a.points, b.points, 4 * sizeof(double));
}
END_TEST

/* How many trials there were when the search was stopped: before, at and between fits. */
static const size_t stops[] = { 2, 6, 7, 33, 35 };

START_TEST(a_search_that_was_stopped_goes_on_as_if_it_had_not_been)
{
    const char *path = temporary_path("state", 0);
    Search whole, stopped, resumed;
    open_search(&whole, &of_branin);
    open_search(&stopped, &of_branin);
    open_search(&resumed, &of_branin);
    search_on(&whole, branin, 40);
    search_on(&stopped, branin, stops[_i]);
    ck_assert(search_state_save(&stopped, path, arena, &failure));
    ck_assert(search_state_load(&resumed, path, arena, &failure));
    ck_assert_uint_eq(resumed.count, stops[_i]);
    search_on(&resumed, branin, 40);
    check_same(&whole, &resumed);
}
END_TEST

START_TEST(a_damaged_state_is_worth_no_more_than_none)
{
    const char *path = temporary_path("state", 0);
    Search search, resumed;
    open_search(&search, &of_branin);
    open_search(&resumed, &of_branin);
    search_on(&search, branin, 3);
    ck_assert(search_state_save(&search, path, arena, &failure));
    FILE *file = fopen(path, "r+");
    ck_assert_ptr_nonnull(file);
    fseek(file, -100, SEEK_END);
    int byte = getc(file);
    fseek(file, -100, SEEK_END);
    putc(byte ^ 1, file);
    fclose(file);
    ck_assert(search_state_load(&resumed, path, arena, &failure));
    ck_assert_uint_eq(resumed.count, 0);
}
END_TEST

START_TEST(a_state_of_another_search_is_refused)
{
    const char *path = temporary_path("state", 0);
    Search search, other;
    open_search(&search, &of_branin);
    open_search(&other, &of_shares);
    search_on(&search, branin, 3);
    ck_assert(search_state_save(&search, path, arena, &failure));
    ck_assert(!search_state_load(&other, path, arena, &failure));
    ck_assert_int_eq(failure.code, EX_DATAERR);
    ck_assert_ptr_nonnull(strstr(failure.message, "remove it to begin anew"));
}
END_TEST

int main(void)
{
    TCase *cases = tcase_create("search");
    tcase_set_timeout(cases, 300);
    temporary_begin();
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_loop_test(cases, a_maximum_of_branins_function_is_found_in_40_trials, 0, 2);
    tcase_add_test(cases, the_best_shares_are_found_in_30_trials);
    tcase_add_test(cases, shares_add_up_to_1_and_are_rounded_to_millionths);
    tcase_add_test(cases, first_points_are_those_given_and_no_point_is_tried_twice);
    tcase_add_test(cases, the_same_trials_are_made_by_any_number_of_threads);
    tcase_add_test(cases, another_seed_makes_other_trials);
    tcase_add_loop_test(cases, a_search_that_was_stopped_goes_on_as_if_it_had_not_been, 0,
                        sizeof stops / sizeof *stops);
    tcase_add_test(cases, a_damaged_state_is_worth_no_more_than_none);
    tcase_add_test(cases, a_state_of_another_search_is_refused);
    int code = run_case("search", cases);
    temporary_end();
    return code;
}
