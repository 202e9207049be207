#include "common/search/matern.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#define SQRT5 2.23606797749978969641
#define LOG2E 1.44269504088896340736
#define LN2_HIGH 0x1.62e42fefap-1     // ln 2 without its last bits: exact times a small integer
#define LN2_LOW 0x1.cf79abc9e3b3ap-40 // what is left of it
#define ROUNDER 0x1.8p52 // adding it rounds to a whole number, which stands in the lowest bits
#define LEAST (-700.0)   // e^x is near the smallest normal number

/*
 * values = e^values, of values from LEAST to 0: 2^n e^r with |r| <= ln 2 / 2, and e^r by its Taylor
 * polynomial of degree 13 (0.3466^14 / 14! is below 2^-53).
 */
static void exponentials(double *values, size_t count)
{
    static const double over[14] = { 1,
                                     1,
                                     1.0 / 2,
                                     1.0 / 6,
                                     1.0 / 24,
                                     1.0 / 120,
                                     1.0 / 720,
                                     1.0 / 5040,
                                     1.0 / 40320,
                                     1.0 / 362880,
                                     1.0 / 3628800,
                                     1.0 / 39916800,
                                     1.0 / 479001600,
                                     1.0 / 6227020800 };
    for (size_t i = 0; i < count; i++) {
        double x = values[i] < LEAST ? LEAST : values[i], shifted = x * LOG2E + ROUNDER;
        double n = shifted - ROUNDER, r = x - n * LN2_HIGH - n * LN2_LOW, sum = over[13], power;
        for (int k = 12; k >= 0; k--)
            sum = sum * r + over[k];
        uint64_t bits;
        memcpy(&bits, &shifted, sizeof bits);
        bits = (bits + 1023) << 52; // n's low bits become an exponent; the others leave at the top
        memcpy(&power, &bits, sizeof power);
        values[i] = sum * power;
    }
}

void matern_row(const Matern *matern, const double *x, const double *others, size_t stride,
                size_t count, double *restrict k, double *restrict s)
{
    memset(k, 0, count * sizeof *k);
    for (size_t d = 0; d < matern->dimensions; d++) {
        const double *other = others + d * stride;
        double at = x[d], scale = matern->inverse_square[d];
        for (size_t i = 0; i < count; i++)
            k[i] += (at - other[i]) * (at - other[i]) * scale;
    }
    for (size_t i = 0; i < count; i++)
        s[i] = -SQRT5 * sqrt(k[i]);
    exponentials(s, count);
    for (size_t i = 0; i < count; i++) {
        double square = k[i], slope = 1 + SQRT5 * sqrt(square), decay = matern->variance * s[i];
        k[i] = (slope + (5.0 / 3) * square) * decay;
        s[i] = (5.0 / 3) * slope * decay;
    }
}
