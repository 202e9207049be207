#include "gradient/op_cases.h"

#include <check.h>
#include <stdlib.h>

START_TEST(an_op_matches_finite_differences)
{
    check_gradients(op_cases[_i]);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("gradients of ops");
    TCase *cases = tcase_create("ops");
    tcase_add_loop_test(cases, an_op_matches_finite_differences, 0, (int)OP_CASES);
    suite_add_tcase(suite, cases);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
