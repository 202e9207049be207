/*
 * Functions of one number that vectorise, and sums in one fixed order.
 *
 * libm's functions are calls, one number at a time, and their last bits differ between libraries.
 * These are straight-line code that the compiler turns into vector instructions inside a loop, with
 * the same bits wherever the same instructions run. In double (gradient checks) they are libm's.
 */
#ifndef PODIUM_TENSOR_CPU_VECTOR_H
#define PODIUM_TENSOR_CPU_VECTOR_H

#include "common/tensor/real.h"

#include <math.h>
#include <string.h>

#ifdef PODIUM_DOUBLE

static inline real real_exp(real x)
{
    return exp(x);
}

static inline real real_log(real x)
{
    return log(x);
}

static inline real real_sqrt(real x)
{
    return sqrt(x);
}

#else

static inline float float_of_bits(int32_t bits)
{
    float x;
    memcpy(&x, &bits, sizeof x);
    return x;
}

static inline int32_t bits_of_float(float x)
{
    int32_t bits;
    memcpy(&bits, &x, sizeof bits);
    return bits;
}

/* 2^n for -126 <= n <= 127. What n is after a NaN doesn't matter: the product stays NaN. */
static inline float float_of_exponent(int32_t n)
{
    return float_of_bits((int32_t)((uint32_t)(n + 127) << 23));
}

/*
 * e^x = 2^n e^r with n = round(x / ln 2), |r| <= ln 2 / 2, e^r by its Taylor polynomial of degree 7
 * (relative error below 2e-7). Saturates: 0 below -87.3, 3.4e38 above 88.7.
 */
static inline real real_exp(real x)
{
    x = x < -87.3f ? -87.3f : x > 88.7f ? 88.7f : x;
    float shifted = x * 1.44269504f + 12582912.0f; // adding 1.5 * 2^23 rounds to an integer
    float n = shifted - 12582912.0f;
    float r =
        x - n * 0.693145752f - n * 1.42860677e-6f; // ln 2 in two parts: n times the first is exact
    float p = 1.9841270e-4f;
    p = p * r + 1.3888889e-3f;
    p = p * r + 8.3333333e-3f;
    p = p * r + 4.1666667e-2f;
    p = p * r + 1.6666667e-1f;
    p = p * r + 0.5f;
    p = p * r + 1.0f;
    p = p * r + 1.0f;
    int32_t exponent = bits_of_float(shifted) - 0x4b400000;
    int32_t half = exponent >> 1; // 2^n in two factors: n may be 128
    return p * float_of_exponent(half) * float_of_exponent(exponent - half);
}

/*
 * ln x for x > 0 (normal numbers): x = 2^n m with m in [sqrt(1/2), sqrt 2), and
 * ln m = 2 atanh(s), s = (m - 1) / (m + 1), by its series (error below 1e-7 relative or absolute).
 */
static inline real real_log(real x)
{
    int32_t bits = bits_of_float(x) - 0x3f3504f3; // so that the mantissa is split at sqrt(1/2)
    int32_t n = bits >> 23;
    float m = float_of_bits((bits & 0x007fffff) + 0x3f3504f3);
    float s = (m - 1.0f) / (m + 1.0f), z = s * s;
    float p = 1.0f / 9.0f;
    p = p * z + 1.0f / 7.0f;
    p = p * z + 1.0f / 5.0f;
    p = p * z + 1.0f / 3.0f;
    return (float)n * 0.693147181f + (2.0f * s + 2.0f * s * z * p);
}

static inline real real_sqrt(real x)
{
    return sqrtf(x);
}

#endif

/* a b + c, rounded once */
static inline real real_multiply_add(real a, real b, real c)
{
#ifdef PODIUM_DOUBLE
    return fma(a, b, c);
#else
    return fmaf(a, b, c);
#endif
}

/* 1 / (1 + e^-x) */
static inline real real_sigmoid(real x)
{
    return 1 / (1 + real_exp(-x));
}

/* tanh x = 1 - 2 / (1 + e^2x); near 0 its own series, where the difference would lose digits */
static inline real real_tanh(real x)
{
#ifdef PODIUM_DOUBLE
    return tanh(x);
#else
    real z = x * x;
    real series = x * (1 - z * ((real)1 / 3 - z * ((real)2 / 15 - z * ((real)17 / 315))));
    real quotient = 1 - 2 / (1 + real_exp(2 * x));
    return z < (real)1e-2 ? series : quotient;
#endif
}

/* ln(1 + e^x) without overflow: max(x, 0) + ln(1 + e^-|x|) */
static inline real real_softplus(real x)
{
    real positive = x > 0 ? x : 0, negative = x > 0 ? -x : x;
    return positive + real_log(1 + real_exp(negative));
}

/* Lanes of a sum: two vectors of eight floats hide the latency of an addition. */
#define SUM_LANES 16

/* The sum of n numbers: lanes side by side, then pairwise, always in this order. */
#define DEFINE_SUM(name, parameters, term)                                                         \
    static inline real name parameters                                                             \
    {                                                                                              \
        real lanes[SUM_LANES] = { 0 };                                                             \
        size_t i = 0;                                                                              \
        for (; i + SUM_LANES <= n; i += SUM_LANES)                                                 \
            for (size_t lane = 0; lane < SUM_LANES; lane++)                                        \
                lanes[lane] += term(i + lane);                                                     \
        for (size_t lane = 0; i + lane < n; lane++)                                                \
            lanes[lane] += term(i + lane);                                                         \
        for (size_t width = SUM_LANES / 2; width > 0; width /= 2)                                  \
            for (size_t lane = 0; lane < width; lane++)                                            \
                lanes[lane] += lanes[lane + width];                                                \
        return lanes[0];                                                                           \
    }

#define SUM_TERM(i) x[i]
#define DOT_TERM(i) x[i] * y[i]
DEFINE_SUM(real_sum, (const real *x, size_t n), SUM_TERM)
DEFINE_SUM(real_dot, (const real *x, const real *y, size_t n), DOT_TERM)
#undef SUM_TERM
#undef DOT_TERM

/* The largest of n >= 1 numbers: in lanes, as a sum, because one maximum has to wait for the last. */
static inline real real_maximum(const real *x, size_t n)
{
    real lanes[SUM_LANES], largest = x[0];
    size_t i = 0;
    for (size_t lane = 0; lane < SUM_LANES; lane++)
        lanes[lane] = largest;
    for (; i + SUM_LANES <= n; i += SUM_LANES)
        for (size_t lane = 0; lane < SUM_LANES; lane++)
            lanes[lane] = x[i + lane] > lanes[lane] ? x[i + lane] : lanes[lane];
    for (; i < n; i++)
        largest = x[i] > largest ? x[i] : largest;
    for (size_t lane = 0; lane < SUM_LANES; lane++)
        largest = lanes[lane] > largest ? lanes[lane] : largest;
    return largest;
}

#endif
