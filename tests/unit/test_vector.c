#include "suite.h"
#include "common/tensor/cpu/vector.h"

/* The largest error of f against libm in double, relative to max(|expected|, floor), over a range.
 */
static double worst(real (*f)(real), double (*expected)(double), double low, double high,
                    double floor)
{
    double largest = 0;
    for (int i = 0; i <= 200000; i++) {
        real x = (real)(low + (high - low) * i / 200000);
        double truth = expected((double)x), scale = fabs(truth) > floor ? fabs(truth) : floor;
        double error = fabs((double)f(x) - truth) / scale;
        largest = error > largest ? error : largest;
    }
    return largest;
}

static double sigmoid(double x)
{
    return 1 / (1 + exp(-x));
}

static double softplus(double x)
{
    return x > 0 ? x + log1p(exp(-x)) : log1p(exp(x));
}

/* A float's last digit is 6e-8 of it; a chain of a few roundings stays below 4 of them. */
#define FEW_ROUNDINGS 2.5e-7

START_TEST(functions_agree_with_libm_to_a_few_roundings)
{
    ck_assert_double_lt(worst(real_exp, exp, -87, 88, 0), FEW_ROUNDINGS);
    ck_assert_double_lt(worst(real_log, log, 1e-5, 2, 1e-1), FEW_ROUNDINGS);
    ck_assert_double_lt(worst(real_log, log, 2, 1e6, 0), FEW_ROUNDINGS);
    ck_assert_double_lt(worst(real_sigmoid, sigmoid, -80, 80, 0), FEW_ROUNDINGS);
    ck_assert_double_lt(worst(real_tanh, tanh, -30, 30, 0), 1e-6); // loses a digit near 0.1
    // below -15 the logarithm of 1 + e^x has lost its digits; the loss there is below 1e-6
    ck_assert_double_lt(worst(real_softplus, softplus, -50, 50, 0.5), FEW_ROUNDINGS);
}
END_TEST

START_TEST(functions_saturate_instead_of_overflowing)
{
    ck_assert(real_exp(-1000) >= 0 && real_exp(-1000) < 1e-37f);
    ck_assert(real_exp(1000) > 3e38f && isfinite(real_exp(1000)));
    ck_assert(real_exp(0) == 1);
    ck_assert(real_sigmoid(-1000) >= 0 && real_sigmoid(1000) == 1);
    ck_assert(real_tanh(1000) == 1 && real_tanh(-1000) == -1 && real_tanh(0) == 0);
    ck_assert(real_softplus(500) == 500);
}
END_TEST

START_TEST(sums_take_every_element_once)
{
    real x[100], y[100];
    for (size_t n = 0; n <= 100; n++) {
        for (size_t i = 0; i < n; i++) {
            x[i] = (real)(i + 1);
            y[i] = 2;
        }
        ck_assert(real_sum(x, n) == (real)(n * (n + 1) / 2));
        ck_assert(real_dot(x, y, n) == (real)(n * (n + 1)));
        ck_assert(n == 0 || real_maximum(x, n) == (real)n);
    }
}
END_TEST

int main(void)
{
    return RUN_SUITE("vector", functions_agree_with_libm_to_a_few_roundings,
                     functions_saturate_instead_of_overflowing, sums_take_every_element_once);
}
