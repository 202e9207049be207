#include "common/search/search.h"
#include "common/base/elementary.h"
#include "common/base/parallel.h"
#include "common/base/philox.h"

#include <math.h>
#include <string.h>

#define GRID 1e6              // points are multiples of a millionth
#define NOTHING 1e-9          // weights that add up to less are none
#define EVENLY ((size_t)1024) // candidates drawn from everywhere
#define NEARBY ((size_t)1024) // candidates drawn around the best trials
#define CANDIDATES (EVENLY + NEARBY)
#define CENTRES ((size_t)4)  // best trials that are looked around
#define CLIMBERS ((size_t)8) // best candidates that climb from where they are
#define CLIMB_STEPS 40
#define GRAIN ((size_t)64) // candidates that are looked at together

/* How far around a trial candidates are drawn, by turns. */
static const double spreads[] = { 0.3, 0.1, 0.03, 0.01 };
#define SPREADS (sizeof spreads / sizeof *spreads)

static double share_sum(const SearchSettings *settings, const double *point)
{
    double sum = 0;
    for (size_t i = 0; i < settings->shares; i++)
        sum += point[i];
    return sum;
}

void search_round(const SearchSettings *settings, double *point)
{
    double sum = share_sum(settings, point);
    for (size_t i = 0; i < settings->shares; i++)
        point[i] = sum > NOTHING ? point[i] / sum : 1 / (double)settings->shares;
    for (size_t i = 0; i < settings->dimensions; i++)
        point[i] = rint(point[i] * GRID) / GRID;
}

/*
 * How much larger shares are as the process sees them: of n weights drawn evenly from 0 to 1, shares times
 * n / 2 have the weights' own mean and deviation.
 */
static double share_scale(const SearchSettings *settings)
{
    return 0.5 * (double)settings->shares;
}

/* A point as the process sees it. */
static void feature_of(const SearchSettings *settings, const double *point, double *feature)
{
    double sum = share_sum(settings, point), scale = share_scale(settings);
    for (size_t i = 0; i < settings->dimensions; i++)
        feature[i] = i >= settings->shares ? point[i]
            : sum > NOTHING                ? scale * point[i] / sum
                                           : 0.5;
}

bool search_create(Search *search, const SearchSettings *settings, Arena *arena, Failure *failure)
{
    size_t dimensions = settings->dimensions, trials = settings->trials;
    *search = (Search){ .settings = *settings };
    return process_create(&search->process, dimensions, trials, arena, failure)
        && arena_array(arena, search->points, trials * dimensions, failure)
        && arena_array(arena, search->features, trials * dimensions, failure)
        && arena_array(arena, search->values, trials, failure)
        && arena_array(arena, search->trials, trials, failure)
        && arena_array(arena, search->candidates, CANDIDATES * dimensions, failure)
        && arena_array(arena, search->promises, CANDIDATES, failure)
        && arena_array(arena, search->scratch, CANDIDATES / GRAIN * 3 * trials, failure);
}

void search_tell(Search *search, const double *point, Trial trial)
{
    size_t dimensions = search->settings.dimensions;
    memcpy(search->points + search->count * dimensions, point, dimensions * sizeof *point);
    feature_of(&search->settings, point, search->features + search->count * dimensions);
    search->values[search->count] = trial.value;
    search->trials[search->count++] = trial;
}

size_t search_best(const Search *search)
{
    size_t best = 0;
    for (size_t i = 1; i < search->count; i++)
        best = search->values[i] > search->values[best] ? i : best;
    return best;
}

/* A point drawn evenly from everywhere, the `draw`th of a purpose. */
static void draw_evenly(const Search *search, const char *purpose, size_t draw, double *point)
{
    PhiloxKey key = philox_key(search->settings.seed, purpose);
    for (size_t i = 0; i < search->settings.dimensions; i++) {
        uint32_t words[4];
        philox(key, search->count, draw << 8 | i, words);
        point[i] = philox_uniform(words[0]);
    }
}

/* The numbers of the best trials, best first; returns how many there are. */
static size_t best_trials(const Search *search, size_t best[CENTRES])
{
    size_t count = 0;
    for (size_t i = 0; i < search->count; i++) {
        size_t at = count < CENTRES ? count++ : CENTRES;
        for (; at > 0 && search->values[i] > search->values[best[at - 1]]; at--)
            if (at < CENTRES)
                best[at] = best[at - 1];
        if (at < CENTRES)
            best[at] = i;
    }
    return count;
}

/* A point around a trial; its weights are scaled so that the largest is 1, the box's corner. */
static void draw_nearby(const Search *search, size_t trial, size_t draw, double *point)
{
    const SearchSettings *settings = &search->settings;
    const double *centre = search->points + trial * settings->dimensions;
    PhiloxKey key = philox_key(settings->seed, "tune/nearby");
    double largest = 0;
    for (size_t i = 0; i < settings->shares; i++)
        largest = centre[i] > largest ? centre[i] : largest;
    for (size_t i = 0; i < settings->dimensions; i++) {
        uint32_t words[4];
        philox(key, search->count, draw << 8 | i, words);
        double from = i < settings->shares ? centre[i] / largest : centre[i];
        double normal = elementary_normal_quantile(philox_uniform(words[0]) + 0x1p-25);
        double to = from + spreads[draw / CENTRES % SPREADS] * normal;
        point[i] = to < 0 ? 0 : to > 1 ? 1 : to;
    }
}

/* What the next point is chosen by. */
typedef struct Choice {
    const Search *search;
    double best; // the value to be improved on
} Choice;

/* The acquisition at a point, and its gradient. */
static double promise(const Choice *choice, const double *point, double *gradient, double *scratch)
{
    const Search *search = choice->search;
    const SearchSettings *settings = &search->settings;
    size_t n = settings->dimensions;
    double feature[SEARCH_MOST_DIMENSIONS] = { 0 }, slopes[2 * SEARCH_MOST_DIMENSIONS];
    double by_mean, by_deviation, along = 0, sum = share_sum(settings, point);
    feature_of(settings, point, feature);
    ProcessPrediction at =
        process_predict(&search->process, feature, gradient ? slopes : NULL, scratch);
    double value =
        acquisition_value(settings->acquisition, at, choice->best, &by_mean, &by_deviation);
    for (size_t i = 0; gradient && i < n; i++)
        gradient[i] = by_mean * slopes[i] + by_deviation * slopes[n + i];
    for (size_t i = 0; gradient && i < settings->shares; i++)
        along += gradient[i] * feature[i];
    for (size_t i = 0; gradient && i < settings->shares;
         i++) // by weights: feature = scale w_i / sum
        gradient[i] = sum > NOTHING ? (share_scale(settings) * gradient[i] - along) / sum : 0;
    return value;
}

static void promise_each(void *context, size_t begin, size_t end)
{
    const Choice *choice = context;
    const Search *search = choice->search;
    double *scratch = search->scratch + begin / GRAIN * 3 * search->settings.trials;
    for (size_t i = begin; i < end; i++)
        search->promises[i] =
            promise(choice, search->candidates + i * search->settings.dimensions, NULL, scratch);
}

/* One candidate that climbs. */
typedef struct Climber {
    const Choice *choice;
    double point[BOX_MOST_DIMENSIONS], value;
    double *scratch;
} Climber;

static double against(void *context, const double *point, double *gradient)
{
    const Climber *climber = context;
    double value = promise(climber->choice, point, gradient, climber->scratch);
    for (size_t i = 0; i < climber->choice->search->settings.dimensions; i++)
        gradient[i] = -gradient[i];
    return -value;
}

static void climb(void *climbers, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        Climber *climber = (Climber *)climbers + i;
        Box box = { .dimensions = climber->choice->search->settings.dimensions };
        for (size_t d = 0; d < box.dimensions; d++)
            box.upper[d] = 1;
        climber->value = box_minimise(&box, against, climber, climber->point, CLIMB_STEPS);
    }
}

/* The candidates that promise most climb; the best of them is the point. */
static void climb_from_best(const Search *search, const Choice *choice, double *point)
{
    size_t dimensions = search->settings.dimensions, best = 0;
    Climber climbers[CLIMBERS];
    for (size_t i = 0; i < CLIMBERS; i++) {
        size_t first = 0;
        for (size_t j = 1; j < CANDIDATES; j++)
            first = search->promises[j] > search->promises[first] ? j : first;
        climbers[i] = (Climber){ .choice = choice,
                                 .scratch = search->scratch + i * 3 * search->settings.trials };
        memcpy(climbers[i].point, search->candidates + first * dimensions,
               dimensions * sizeof *point);
        search->promises[first] = -INFINITY;
    }
    parallel_for(CLIMBERS, 1, climb, climbers);
    for (size_t i = 1; i < CLIMBERS; i++)
        best = climbers[i].value < climbers[best].value ? i : best;
    memcpy(point, climbers[best].point, dimensions * sizeof *point);
}

static void choose(Search *search, double *point)
{
    size_t dimensions = search->settings.dimensions, centres[CENTRES];
    size_t count = best_trials(search, centres);
    Choice choice = { search, -INFINITY };
    for (size_t i = 0; i < search->count; i++) { // noise counts for nothing: what is expected there
        ProcessPrediction at = process_predict(&search->process, search->features + i * dimensions,
                                               NULL, search->scratch);
        choice.best = at.mean > choice.best ? at.mean : choice.best;
    }
    for (size_t i = 0; i < EVENLY; i++)
        draw_evenly(search, "tune/evenly", i, search->candidates + i * dimensions);
    for (size_t i = 0; i < NEARBY; i++)
        draw_nearby(search, centres[i % count], i, search->candidates + (EVENLY + i) * dimensions);
    parallel_for(CANDIDATES, GRAIN, promise_each, &choice);
    climb_from_best(search, &choice, point);
}

/* How many trials the hyperparameters are fitted to, of `count`. */
static size_t fitted_part(size_t count)
{
    size_t step = 1;
    while (step * 32 <= count)
        step *= 2;
    return count - count % step;
}

static void learn(Search *search)
{
    size_t part = fitted_part(search->count);
    if (search->fitted != part)
        process_fit(&search->process, search->features, search->values, part,
                    search->settings.seed);
    search->fitted = part;
    process_condition(&search->process, search->features, search->values, search->count);
}

static bool tried(const Search *search, const double *point)
{
    size_t bytes = search->settings.dimensions * sizeof *point;
    for (size_t i = 0; i < search->count; i++)
        if (memcmp(search->points + i * search->settings.dimensions, point, bytes) == 0)
            return true;
    return false;
}

void search_next(Search *search, double *point, Trial *trial)
{
    const SearchSettings *settings = &search->settings;
    size_t dimensions = settings->dimensions;
    *trial = (Trial){ NAN, NAN, NAN };
    if (search->count < settings->initial_count) {
        memcpy(point, settings->initial + search->count * dimensions, dimensions * sizeof *point);
    } else if (search->count < settings->initial_count + settings->drawn) {
        draw_evenly(search, "tune/first", 0, point);
    } else {
        learn(search);
        choose(search, point);
    }
    search_round(settings, point);
    for (size_t draw = 0; tried(search, point) && draw < 64;
         draw++) { // a trial tells something new
        draw_evenly(search, "tune/again", draw, point);
        search_round(settings, point);
    }
    if (search->fitted) {
        double feature[SEARCH_MOST_DIMENSIONS] = { 0 };
        feature_of(settings, point, feature);
        ProcessPrediction at = process_predict(&search->process, feature, NULL, search->scratch);
        trial->expected = at.mean;
        trial->deviation = at.deviation;
    }
}
