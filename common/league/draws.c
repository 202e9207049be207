#include "common/league/draws.h"
#include "common/base/elementary.h"

#include <math.h>

Draws draws_of(PhiloxKey key, uint64_t id)
{
    return (Draws){ .key = key, .id = id, .used = 4 };
}

Draws draws_begin(uint64_t seed, const char *purpose, uint64_t id)
{
    return draws_of(philox_key(seed, purpose), id);
}

static uint32_t next_word(Draws *draws)
{
    if (draws->used == 4) {
        philox(draws->key, draws->id, draws->counter++, draws->words);
        draws->used = 0;
    }
    return draws->words[draws->used++];
}

double draw_uniform(Draws *draws)
{
    return philox_uniform(next_word(draws));
}

/* In (0, 1): what a logarithm may be taken of. */
static double uniform_open(Draws *draws)
{
    return ((double)next_word(draws) + 0.5) * 0x1p-32;
}

bool draw_chance(Draws *draws, double share)
{
    return draw_uniform(draws) < share;
}

size_t draw_below(Draws *draws, size_t bound)
{
    uint32_t high = next_word(draws), low = next_word(draws);
    return (size_t)philox_below(high, low, bound);
}

double draw_normal(Draws *draws)
{
    return elementary_normal_quantile(uniform_open(draws));
}

double draw_rounded(double x)
{
    return rint(x * 0x1p16) * 0x1p-16;
}

/*
 * Source: Marsaglia and Tsang, "A simple method for generating gamma variables", ACM Transactions
 * on Mathematical Software 26 (2000); below 1 by its section 6.
 */
double draw_gamma(Draws *draws, double shape)
{
    double power = 1;
    if (shape < 1) {
        power = elementary_exp(elementary_log(uniform_open(draws)) / shape);
        shape += 1;
    }
    double d = shape - 1.0 / 3, c = 1 / sqrt(9 * d);
    for (;;) {
        double x = draw_normal(draws), root = 1 + c * x, v = root * root * root;
        if (v <= 0)
            continue;
        if (elementary_log(uniform_open(draws)) < 0.5 * x * x + d - d * v + d * elementary_log(v))
            return d * v * power;
    }
}

double draw_beta(Draws *draws, double a, double b)
{
    double x = draw_gamma(draws, a), y = draw_gamma(draws, b);
    return x + y > 0 ? draw_rounded(x / (x + y)) : 0; // 0: both below what a double holds
}

double draw_beta_of(Draws *draws, double mean, double sd)
{
    if (sd == 0 || mean == 1)
        return draw_rounded(mean);
    double k = mean * (1 - mean) / (sd * sd) - 1;
    return draw_beta(draws, mean * k, (1 - mean) * k);
}

size_t draw_poisson(Draws *draws, double mean, size_t most)
{
    double u = draw_uniform(draws), term = elementary_exp(-mean), sum = term;
    size_t k = 0;
    while (k < most && u >= sum) {
        k++;
        term = term * mean / (double)k;
        sum += term;
    }
    return k;
}

size_t draw_geometric(Draws *draws, double mean)
{
    double u = draw_uniform(draws), p = 1 / (1 + mean), term = p, sum = p;
    size_t k = 0;
    while (u >= sum && k < 4096) {
        k++;
        term *= 1 - p;
        sum += term;
    }
    return k;
}

size_t draw_weighted(Draws *draws, const double *weights, size_t count, double total)
{
    double left = draw_uniform(draws) * total;
    size_t last = 0;
    for (size_t i = 0; i < count; i++) {
        if (weights[i] == 0)
            continue;
        last = i;
        if (left < weights[i])
            break;
        left -= weights[i];
    }
    return last;
}

void draw_add_normals(PhiloxKey key, uint64_t id, uint64_t counter, size_t width, const float *from,
                      const float *scale, float *to)
{
    for (size_t k = 0; k < width; k += DRAW_NORMALS_A_BLOCK, counter += DRAW_COUNTERS_A_BLOCK) {
        float sums[DRAW_NORMALS_A_BLOCK];
        draw_sums(key, id, counter, sums);
        for (size_t i = 0; i < DRAW_NORMALS_A_BLOCK; i++)
            to[k + i] = from[k + i] + scale[k + i] * sums[i];
    }
}
