#include "common/rank/number.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

bool number_whole(const char *text, size_t length, uint32_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < '0' || text[i] > '9' || value > UINT32_MAX)
            return false;
        value = 10 * value + (uint64_t)(text[i] - '0');
    }
    *number = (uint32_t)value;
    return length > 0 && length <= NUMBER_MOST_BYTES && value <= UINT32_MAX;
}

/* A decimal number, taken apart. */
typedef struct Decimal {
    uint64_t digits;      // without the point
    int exponent;         // of ten
    size_t digit_count;   // leading zeros not counted
    bool negative, valid; // valid: follows the grammar to the text's end
} Decimal;

static const char *take_digits(const char *at, const char *end, Decimal *decimal, bool fraction,
                               bool *any)
{
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        decimal->digits = 10 * decimal->digits + (uint64_t)(*at - '0'); // of use up to 19 digits
        decimal->digit_count += decimal->digits != 0;
        decimal->exponent -= fraction;
        *any = true;
    }
    return at;
}

/* At "e-05": adds the exponent; NULL where it is malformed. */
static const char *take_exponent(const char *at, const char *end, Decimal *decimal)
{
    int value = 0;
    bool negative = ++at < end && *at == '-', any = false;
    at += at < end && (*at == '-' || *at == '+');
    for (; at < end && *at >= '0' && *at <= '9'; at++) {
        value = value < 100000 ? 10 * value + (*at - '0') : value;
        any = true;
    }
    decimal->exponent += negative ? -value : value;
    return any ? at : NULL;
}

static Decimal decimal_of(const char *at, size_t length)
{
    Decimal decimal = { 0 };
    const char *end = at + length;
    bool any = false;
    decimal.negative = length && *at == '-';
    at += length && (*at == '-' || *at == '+');
    at = take_digits(at, end, &decimal, false, &any);
    if (at < end && *at == '.')
        at = take_digits(at + 1, end, &decimal, true, &any);
    if (any && at < end && (*at == 'e' || *at == 'E'))
        at = take_exponent(at, end, &decimal);
    decimal.valid = any && at == end;
    return decimal;
}

/*
 * Digits and power of ten are both exact doubles up to 2^53 and 10^22, so one product or quotient
 * is rounded once and therefore correctly. Everything longer is strtod's.
 */
bool number_real(const char *text, size_t length, double *number)
{
    static const double powers[] = { 1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                     1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                     1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22 };
    if (length > NUMBER_MOST_BYTES)
        return false;
    Decimal decimal = decimal_of(text, length);
    if (!decimal.valid)
        return false;
    if (decimal.digit_count <= 15 && decimal.exponent >= -22 && decimal.exponent <= 22) {
        double digits = (double)decimal.digits;
        digits = decimal.exponent < 0 ? digits / powers[-decimal.exponent]
                                      : digits * powers[decimal.exponent];
        *number = decimal.negative ? -digits : digits;
        return true;
    }
    char copy[NUMBER_MOST_BYTES + 1];
    memcpy(copy, text, length);
    copy[length] = 0;
    *number = strtod(copy, NULL);
    return isfinite(*number);
}
