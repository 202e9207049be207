/* Logarithm, exponential, powers and normal quantiles against values that Python computed. */
#include "suite.h"
#include "common/base/elementary.h"

#include <math.h>
#include <stdlib.h>

/* A few units in the last place of a double, relative; the header's promise. */
static void near(double got, double expected)
{
    ck_assert_msg(fabs(got - expected) <= 1e-15 * fabs(expected), "%.17g, not %.17g", got,
                  expected);
}

START_TEST(logarithms_are_right_to_the_last_places)
{
    static const double pairs[][2] = { { 1e-300, -690.7755278982137 },
                                       { 0.5, -0.6931471805599453 },
                                       { 1.0000001, 9.999999505838704e-08 },
                                       { 2, 0.6931471805599453 },
                                       { 10, 2.302585092994046 },
                                       { 1e300, 690.7755278982137 } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        near(elementary_log(pairs[i][0]), pairs[i][1]);
    ck_assert(elementary_log(1) == 0);
}
END_TEST

START_TEST(exponentials_are_right_to_the_last_places)
{
    static const double pairs[][2] = { { -699, 2.680137958338607e-304 },
                                       { -1, 0.36787944117144233 },
                                       { 1e-9, 1.000000001 },
                                       { 0.5, 1.6487212707001282 },
                                       { 20, 485165195.4097903 },
                                       { 700, 1.0142320547350045e+304 } };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        near(elementary_exp(pairs[i][0]), pairs[i][1]);
    ck_assert(elementary_exp(0) == 1 && elementary_exp(-1000) == 0 && isinf(elementary_exp(1000)));
}
END_TEST

START_TEST(powers_are_products)
{
    ck_assert(elementary_power(3, 0) == 1 && elementary_power(3, 4) == 81);
    ck_assert(elementary_power(0.5, 10) == 0x1p-10);
    near(elementary_power(0.95, 3), 0.95 * 0.95 * 0.95);
}
END_TEST

START_TEST(quantiles_are_those_of_the_normal_distribution)
{
    static const double pairs[][2] = {
        { 1e-300, -37.0470962993612 },
        { 1e-10, -6.361340902404056 },
        { 0.001, -3.090232306167813 },
        { 0.3, -0.5244005127080407 },
        { 0.5, 0 },
        { 0.925, 1.439531470938456 },
        { 0.9999, 3.7190164854557084 },
    };
    for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++)
        near(elementary_normal_quantile(pairs[i][0]), pairs[i][1]);
}
END_TEST

int main(void)
{
    return RUN_SUITE("elementary", logarithms_are_right_to_the_last_places,
                     exponentials_are_right_to_the_last_places, powers_are_products,
                     quantiles_are_those_of_the_normal_distribution);
}
