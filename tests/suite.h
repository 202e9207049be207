/*
 * Suite: the main function of a Check program in one line.
 */
#ifndef PODIUM_TESTS_SUITE_H
#define PODIUM_TESTS_SUITE_H

#include <check.h>
#include <stdlib.h>

#undef fail // Check's macro hides common/base/failure.h's function

/* Run one case, for tests that need fixtures, loops or a longer time limit. */
static inline int run_case(const char *name, TCase *cases)
{
    Suite *suite = suite_create(name);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}

static inline int run_suite(const char *name, const TTest *const tests[], size_t count)
{
    TCase *cases = tcase_create(name);
    for (size_t i = 0; i < count; i++)
        tcase_add_test(cases, tests[i]);
    return run_case(name, cases);
}

#define RUN_SUITE(name, ...)                                                                       \
    run_suite(name, (const TTest *const[]){ __VA_ARGS__ },                                         \
              sizeof((const TTest *const[]){ __VA_ARGS__ }) / sizeof(const TTest *))

#endif
