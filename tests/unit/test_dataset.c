/* Dataset: the value of --features. */
#include "common/data/dataset.h"

#include <check.h>
#include <stdlib.h>

static Arena arena;
static Failure failure;

static void setup(void)
{
    failure = (Failure){ 0 };
    ck_assert(arena_open(&arena, (size_t)1 << 20, &failure));
}

static void teardown(void)
{
    arena_close(&arena);
}

START_TEST(names_and_widths_are_read_in_their_order)
{
    FeatureSpecs specs;
    ck_assert(feature_specs_parse(&specs, "mean_rgb:1024,mean_audio:128,a:b:3", &arena, &failure));
    ck_assert_uint_eq(specs.count, 3);
    ck_assert_str_eq(specs.features[0].name, "mean_rgb");
    ck_assert_uint_eq(specs.features[0].width, 1024);
    ck_assert_str_eq(specs.features[1].name, "mean_audio");
    ck_assert_str_eq(specs.features[2].name, "a:b");
    ck_assert_uint_eq(specs.width, 1024 + 128 + 3);
}
END_TEST

START_TEST(eight_features_are_read)
{
    FeatureSpecs specs;
    ck_assert(feature_specs_parse(&specs, "a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1", &arena, &failure));
    ck_assert_uint_eq(specs.width, 8);
}
END_TEST

static const char *const wrong[] = { "",
                                     "rgb",
                                     "rgb:",
                                     ":5",
                                     "rgb:0",
                                     "rgb:-1",
                                     "rgb:1x",
                                     "rgb: 1",
                                     "rgb:1,",
                                     ",rgb:1",
                                     "rgb:1,,audio:1",
                                     "rgb:1,rgb:2",
                                     "rgb:16777217",
                                     "rgb:18446744073709551617",
                                     "a:1,b:1,c:1,d:1,e:1,f:1,g:1,h:1,i:1" };

START_TEST(anything_else_is_a_wrong_usage)
{
    FeatureSpecs specs;
    ck_assert(!feature_specs_parse(&specs, wrong[_i], &arena, &failure));
    ck_assert_int_eq(failure.code, EX_USAGE);
}
END_TEST

START_TEST(what_is_wrong_is_said_with_what_to_write)
{
    FeatureSpecs specs;
    ck_assert(!feature_specs_parse(&specs, "rgb:1,audio", &arena, &failure));
    ck_assert_str_eq(failure.message,
                     "--features rgb:1,audio: \"audio\" has no width of 1 to "
                     "16777216; write name:width,name:width");
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("dataset");
    TCase *tests = tcase_create("dataset");
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, names_and_widths_are_read_in_their_order);
    tcase_add_test(tests, eight_features_are_read);
    tcase_add_loop_test(tests, anything_else_is_a_wrong_usage, 0,
                        (int)(sizeof wrong / sizeof *wrong));
    tcase_add_test(tests, what_is_wrong_is_said_with_what_to_write);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
