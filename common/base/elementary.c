#include "common/base/elementary.h"

#include <math.h>
#include <string.h>

#define SQRT_HALF 0.70710678118654752440
#define LN2_HIGH 0x1.62e42fefap-1     // ln 2 without its last bits: exact times a small integer
#define LN2_LOW 0x1.cf79abc9e3b3ap-40 // what is left of it
#define LOG_TERMS 11                  // 0.0295^11 / 23 is below 2^-53
#define EXP_TERMS 14                  // 0.3466^15 / 15! is below 2^-53

/* x = m 2^n with m in [sqrt(1/2), sqrt 2), and ln m = 2 atanh(s), s = (m - 1) / (m + 1). */
double elementary_log(double x)
{
    uint64_t bits;
    memcpy(&bits, &x, sizeof bits);
    double n = (double)((int)(bits >> 52) - 1022);
    bits = (bits & 0x000fffffffffffffu) | 0x3fe0000000000000u;
    double m; // in [1/2, 1)
    memcpy(&m, &bits, sizeof m);
    if (m < SQRT_HALF) {
        m *= 2;
        n -= 1;
    }
    double s = (m - 1) / (m + 1), z = s * s, series = 0;
    for (int k = LOG_TERMS; k > 0; k--)
        series = (series + 1.0 / (2 * k + 1)) * z;
    return n * LN2_HIGH + (2 * s + (2 * s * series + n * LN2_LOW));
}

/* e^x = 2^n e^r with n the whole number nearest to x / ln 2; e^r by its Taylor series. */
double elementary_exp(double x)
{
    if (x < -700)
        return 0;
    if (x > 709)
        return INFINITY;
    double n = (double)(int64_t)(x / (LN2_HIGH + LN2_LOW) + (x < 0 ? -0.5 : 0.5));
    double r = x - n * LN2_HIGH - n * LN2_LOW, sum = 1;
    for (int k = EXP_TERMS; k > 0; k--)
        sum = 1 + sum * r / k;
    uint64_t bits = (uint64_t)((int64_t)n + 1023) << 52;
    double power;
    memcpy(&power, &bits, sizeof power);
    return sum * power;
}

double elementary_power(double base, uint64_t exponent)
{
    double power = 1;
    for (; exponent; exponent >>= 1, base *= base)
        if (exponent & 1)
            power *= base;
    return power;
}

static double ratio(double x, const double above[8], const double below[8])
{
    double numerator = above[7], denominator = below[7];
    for (int i = 6; i >= 0; i--) {
        numerator = numerator * x + above[i];
        denominator = denominator * x + below[i];
    }
    return numerator / denominator;
}

double elementary_normal_quantile(double p)
{
    static const double a[8] = { 3.3871328727963666080e0, 1.3314166789178437745e2,
                                 1.9715909503065514427e3, 1.3731693765509461125e4,
                                 4.5921953931549871457e4, 6.7265770927008700853e4,
                                 3.3430575583588128105e4, 2.5090809287301226727e3 };
    static const double b[8] = { 1.0,
                                 4.2313330701600911252e1,
                                 6.8718700749205790830e2,
                                 5.3941960214247511077e3,
                                 2.1213794301586595867e4,
                                 3.9307895800092710610e4,
                                 2.8729085735721942674e4,
                                 5.2264952788528545610e3 };
    static const double c[8] = { 1.42343711074968357734e0,  4.63033784615654529590e0,
                                 5.76949722146069140550e0,  3.64784832476320460504e0,
                                 1.27045825245236838258e0,  2.41780725177450611770e-1,
                                 2.27238449892691845833e-2, 7.74545014278341407640e-4 };
    static const double d[8] = { 1.0,
                                 2.05319162663775882187e0,
                                 1.67638483018380384940e0,
                                 6.89767334985100004550e-1,
                                 1.48103976427480074590e-1,
                                 1.51986665636164571966e-2,
                                 5.47593808499534494600e-4,
                                 1.05075007164441684324e-9 };
    static const double e[8] = { 6.65790464350110377720e0,  5.46378491116411436990e0,
                                 1.78482653991729133580e0,  2.96560571828504891230e-1,
                                 2.65321895265761230930e-2, 1.24266094738807843860e-3,
                                 2.71155556874348757815e-5, 2.01033439929228813265e-7 };
    static const double f[8] = { 1.0,
                                 5.99832206555887937690e-1,
                                 1.36929880922735805310e-1,
                                 1.48753612908506148525e-2,
                                 7.86869131145613259100e-4,
                                 1.84631831751005468180e-5,
                                 1.42151175831644588870e-7,
                                 2.04426310338993978564e-15 };
    double q = p - 0.5;
    if (fabs(q) <= 0.425)
        return q * ratio(0.180625 - q * q, a, b);
    double r = sqrt(-elementary_log(q < 0 ? p : 1 - p));
    double z = r <= 5 ? ratio(r - 1.6, c, d) : ratio(r - 5, e, f);
    return q < 0 ? -z : z;
}
