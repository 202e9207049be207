#include "common/rank/ensemble_search.h"
#include "common/base/elementary.h"
#include "common/base/philox.h"

#include <math.h>
#include <string.h>

#define W0_GRID 1e4
#define LN2 0.69314718055994530942

size_t ensemble_dimensions(const EnsembleSpace *space)
{
    return space->members + (space->w0_low < space->w0_high);
}

double ensemble_w0(const EnsembleSpace *space, const double *point)
{
    if (!(space->w0_low < space->w0_high))
        return space->w0_low;
    double range = elementary_log(space->w0_high / space->w0_low);
    double w0 = space->w0_low * elementary_exp(point[space->members] * range);
    return rint(w0 * W0_GRID) / W0_GRID;
}

/* What each member reaches, all weight its own. */
static bool evaluate_alone(const EnsembleSpace *space, EnsembleMap *map, double *alone,
                           Arena scratch, Failure *failure)
{
    double *point;
    if (!arena_array(&scratch, point, ensemble_dimensions(space), failure))
        return false;
    for (size_t i = 0; i < space->members; i++) {
        point[i] = 1;
        alone[i] = ensemble_map_value(map, point, space->w0_low);
        point[i] = 0;
    }
    return true;
}

/* Weights by the members' own values. */
static void weigh_by_values(const double *alone, size_t members, double *weights)
{
    double best = alone[0], mean = 0, square = 0;
    for (size_t i = 0; i < members; i++) {
        best = alone[i] > best ? alone[i] : best;
        mean += alone[i] / (double)members;
    }
    for (size_t i = 0; i < members; i++)
        square += (alone[i] - mean) * (alone[i] - mean) / (double)members;
    for (size_t i = 0; i < members; i++)
        weights[i] = square > 0 ? elementary_exp((alone[i] - best) / sqrt(square)) : 1;
}

/* A point around the weights: the `number`th. */
static void draw_around(const EnsembleSpace *space, const double *centre, uint64_t seed,
                        size_t number, double *point)
{
    PhiloxKey key = philox_key(seed, "tune/around");
    for (size_t i = 0; i < ensemble_dimensions(space); i++) {
        uint32_t words[4];
        philox(key, number, i, words);
        double share = philox_uniform(words[0]) + 0x1p-25;
        point[i] = i < space->members
            ? centre[i] * elementary_exp(LN2 * elementary_normal_quantile(share))
            : share;
    }
}

bool ensemble_first_points(const EnsembleSpace *space, EnsembleMap *map, uint64_t seed,
                           size_t count, double *alone, double **points, Arena *arena,
                           Failure *failure)
{
    size_t dimensions = ensemble_dimensions(space);
    double centre[SEARCH_MOST_DIMENSIONS];
    if (!arena_array(arena, *points, count * dimensions, failure)
        || !evaluate_alone(space, map, alone, *arena, failure))
        return false;
    weigh_by_values(alone, space->members, centre);
    for (size_t i = 0; i < count; i++) {
        double *point = *points + i * dimensions;
        draw_around(space, centre, seed, i, point);
        for (size_t j = 0; j < dimensions && i < 2; j++)
            point[j] = j >= space->members ? 0.5 : i == 0 ? 1 : centre[j];
    }
    return true;
}
