/*
 * Search: the maximum of a function that is known by trials alone, each at the point that promises most.
 *
 * A point has coordinates from 0 to 1. The first `shares` of them are weights, which count by their shares
 * alone: points on one ray are one point. It is kept as shares that add up to 1, rounded to six
 * decimals, so that what is tried is exactly what can be written down.
 *
 *   the first trials   what the caller gives, then points drawn evenly
 *   every other one    the point where the acquisition is greatest, of a Gaussian process that knows all
 *                      trials before it
 *
 * A trial depends on the settings and on the trials before it, on nothing else: a search that is told its
 * trials again goes on as if it had never stopped. Hyperparameters are fitted anew at each trial while
 * these are few, and at each 16th part of their number later.
 */
#ifndef PODIUM_SEARCH_SEARCH_H
#define PODIUM_SEARCH_SEARCH_H

#include "common/search/acquisition.h"
#include "common/search/box.h"

#define SEARCH_MOST_DIMENSIONS ((size_t)65)

typedef struct SearchSettings {
    size_t dimensions, shares;
    size_t trials;         // the most there will be
    const double *initial; // [initial_count, dimensions]: points to begin with, borrowed
    size_t initial_count;
    size_t drawn; // points drawn evenly after them
    Acquisition acquisition;
    uint64_t seed;
} SearchSettings;

/* A trial, but its point. */
typedef struct Trial {
    double value;
    double expected, deviation; // what was predicted; NAN of the first trials
} Trial;

typedef struct Search {
    SearchSettings settings;
    size_t count;
    double *points;   // [trials, dimensions]
    double *features; // [trials, dimensions]: points as the process sees them
    double *values;   // [trials]
    Trial *trials;    // [trials]
    size_t fitted;    // trials that the hyperparameters are of
    GaussianProcess process;
    double *candidates; // room for choosing the next point
    double *promises, *scratch;
} Search;

/* Begin; everything lives in the arena. Memory: 16 matrices of trials by trials. */
bool search_create(Search *search, const SearchSettings *settings, Arena *arena, Failure *failure);

/* Choose the next point; `trial` gets what is predicted of it. */
void search_next(Search *search, double *point, Trial *trial);

/* Tell the trial of that point; there is room for it. */
void search_tell(Search *search, const double *point, Trial trial);

/* The best trial: the first of the highest value. There is one. */
size_t search_best(const Search *search);

/* Write the point as it is tried: shares that add up to 1, rounded. All weights 0 mean equal ones. */
void search_round(const SearchSettings *settings, double *point);

#endif
