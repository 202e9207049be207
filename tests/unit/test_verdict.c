/* Verdicts, worked by hand: t(2) = 2.920, t(3) = 2.353. */
#include "common/report/verdict.h"
#include "tests/suite.h"

#include <math.h>

static Verdict of(size_t runs, const double *differences)
{
    Spread spread = spread_of(differences, runs);
    return verdict_of_differences(&spread, .005);
}

START_TEST(mean_and_deviation_are_those_of_a_sample)
{
    // mean 4; squares 4 + 0 + 4 over n - 1 = 2
    Spread spread = spread_of((const double[]){ 2, 4, 6 }, 3);
    ck_assert_double_eq(spread.mean, 4);
    ck_assert_double_eq(spread.deviation, 2);
    ck_assert(isnan(spread_of((const double[]){ 2 }, 1).deviation));
}
END_TEST

START_TEST(a_difference_holds_where_its_lower_bound_is_above_nothing)
{
    // d .04, s .01: .04 - 2.920 x .01 / 1.732 = .0231
    ck_assert_int_eq(of(3, (const double[]){ .03, .05, .04 }), HOLDS);
    // d .02, s .01: .02 - .01686 = .0031; d .02, s .02: .02 - .0337 < 0
    ck_assert_int_eq(of(3, (const double[]){ .01, .03, .02 }), HOLDS);
    ck_assert_int_eq(of(3, (const double[]){ .00, .04, .02 }), NOT_SHOWN);
    // the same d and s of four runs, .02 - 2.353 x .0163 / 2 = .0008, would hold
    ck_assert_int_eq(of(4, (const double[]){ .00, .04, .02, .02 }), HOLDS);
}
END_TEST

START_TEST(the_mirror_image_does_not_hold)
{
    ck_assert_int_eq(of(3, (const double[]){ -.03, -.05, -.04 }), DOES_NOT_HOLD);
    ck_assert_int_eq(of(3, (const double[]){ .00, -.04, -.02 }), NOT_SHOWN);
}
END_TEST

START_TEST(a_difference_below_what_is_evidence_is_not_shown)
{
    ck_assert_int_eq(of(3, (const double[]){ .0040, .0041, .0042 }), NOT_SHOWN);
    ck_assert_int_eq(of(3, (const double[]){ .0060, .0061, .0062 }), HOLDS);
}
END_TEST

START_TEST(what_is_evidence_depends_on_the_number_of_ratings)
{
    Spread spread = spread_of((const double[]){ .0040, .0041, .0042 }, 3);
    ck_assert_double_eq_tol(verdict_least_difference(4000), .005, 1e-12);
    ck_assert_double_eq_tol(verdict_least_difference(16000), .0025, 1e-12);
    ck_assert_double_eq_tol(verdict_least_difference(250), .02, 1e-12);
    ck_assert_double_eq_tol(verdict_least_difference(0), .005, 1e-12);
    ck_assert_int_eq(verdict_of_differences(&spread, verdict_least_difference(16000)), HOLDS);
    ck_assert_int_eq(verdict_of_differences(&spread, verdict_least_difference(250)), NOT_SHOWN);
}
END_TEST

START_TEST(no_worse_is_what_lies_above_a_margin)
{
    // d -.001, s .001: -.001 - 2.920 x .001 / 1.732 = -.0027; d -.004: -.0057 and, above, -.0023
    Spread near = spread_of((const double[]){ -.000, -.001, -.002 }, 3);
    Spread edge = spread_of((const double[]){ -.003, -.004, -.005 }, 3);
    Spread below = spread_of((const double[]){ -.008, -.009, -.010 }, 3);
    Spread better = spread_of((const double[]){ .18, .20, .22 }, 3);
    Spread two = spread_of((const double[]){ .1, .1 }, 2);
    Spread missing = spread_of((const double[]){ .1, NAN, .1 }, 3);
    ck_assert_int_eq(verdict_of_no_worse(&near, .005), HOLDS);
    ck_assert_int_eq(verdict_of_no_worse(&near, .0025), NOT_SHOWN);
    ck_assert_int_eq(verdict_of_no_worse(&edge, .005), NOT_SHOWN);
    ck_assert_int_eq(verdict_of_no_worse(&edge, .002), DOES_NOT_HOLD);
    ck_assert_int_eq(verdict_of_no_worse(&below, .005), DOES_NOT_HOLD);
    ck_assert_int_eq(verdict_of_no_worse(&better, .005), HOLDS);
    ck_assert_int_eq(verdict_of_no_worse(&two, .005), NOT_SHOWN);
    ck_assert_int_eq(verdict_of_no_worse(&missing, .005), NOT_SHOWN);
}
END_TEST

START_TEST(two_runs_or_a_missing_score_show_nothing)
{
    ck_assert_int_eq(of(2, (const double[]){ .1, .1 }), NOT_SHOWN);
    ck_assert_int_eq(of(1, (const double[]){ .1 }), NOT_SHOWN);
    ck_assert_int_eq(of(0, NULL), NOT_SHOWN);
    ck_assert_int_eq(of(3, (const double[]){ .1, NAN, .1 }), NOT_SHOWN);
}
END_TEST

START_TEST(a_range_is_judged_by_every_run)
{
    const double values[] = { .75, .79, .81 };
    ck_assert_int_eq(verdict_of_range(values, 1, .6, .8), HOLDS);
    ck_assert_int_eq(verdict_of_range(values, 2, .6, .8), HOLDS);
    ck_assert_int_eq(verdict_of_range(values, 3, .6, .8), NOT_SHOWN);
    ck_assert_int_eq(verdict_of_range(values, 3, .1, .2), DOES_NOT_HOLD);
    ck_assert_int_eq(verdict_of_range((const double[]){ NAN }, 1, .6, .8), NOT_SHOWN);
    ck_assert_int_eq(verdict_of_range(values, 0, .6, .8), NOT_SHOWN);
}
END_TEST

START_TEST(points_of_students_distribution_are_the_tables)
{
    ck_assert_double_eq(student_95(1), 6.314);
    ck_assert_double_eq(student_95(2), 2.920);
    ck_assert_double_eq(student_95(30), 1.697);
    ck_assert_double_eq(student_95(1000), 1.697);
}
END_TEST

int main(void)
{
    TCase *facts = tcase_create("facts");
    tcase_add_test(facts, mean_and_deviation_are_those_of_a_sample);
    tcase_add_test(facts, a_difference_holds_where_its_lower_bound_is_above_nothing);
    tcase_add_test(facts, the_mirror_image_does_not_hold);
    tcase_add_test(facts, a_difference_below_what_is_evidence_is_not_shown);
    tcase_add_test(facts, what_is_evidence_depends_on_the_number_of_ratings);
    tcase_add_test(facts, no_worse_is_what_lies_above_a_margin);
    tcase_add_test(facts, two_runs_or_a_missing_score_show_nothing);
    tcase_add_test(facts, a_range_is_judged_by_every_run);
    tcase_add_test(facts, points_of_students_distribution_are_the_tables);
    return run_case("verdict", facts);
}
