/*
 * Gaussian process: what values at some points say of the values everywhere.
 *
 *   k(a, b) = v (1 + sqrt5 r + 5/3 r^2) exp(-sqrt5 r)      Matern 5/2
 *   r^2     = sum_d ((a_d - b_d) / length_d)^2             a length of its own for each dimension (ARD)
 *   K       = k(x_i, x_j) + noise (i = j)
 *   mean(x) = k(x)^T K^-1 y       variance(x) = v - k(x)^T K^-1 k(x)
 *   ln p(y) = -1/2 y^T K^-1 y - 1/2 ln det K - n/2 ln 2 pi        the marginal likelihood
 *
 * Values are standardised first (mean 0, variance 1), and what is predicted is put back into their own
 * units. Lengths, variance and noise are those that make the marginal likelihood the greatest, found from
 * several starts, with a prior on the lengths: ln length is normal with mean 0 and deviation 0.7. Without it,
 * few points among many dimensions make some lengths endless, and what seems not to matter is never tried.
 * Coordinates are expected to have a deviation near 0.3, as those drawn evenly from 0 to 1 have.
 *
 * Source: Rasmussen and Williams, "Gaussian processes for machine learning", equations 2.25, 2.26, 2.30,
 * 4.17 (nu = 5/2), 5.9.
 */
#ifndef PODIUM_SEARCH_GAUSSIAN_PROCESS_H
#define PODIUM_SEARCH_GAUSSIAN_PROCESS_H

#include "common/base/arena.h"

#include <stdint.h>

#define PROCESS_MOST_DIMENSIONS ((size_t)68)
#define PROCESS_STARTS ((size_t)4) // of the search for hyperparameters

/* Hyperparameters, as logarithms: ln length of each dimension, ln variance, ln noise. */
typedef struct Hyperparameters {
    double log_length[PROCESS_MOST_DIMENSIONS], log_variance, log_noise;
} Hyperparameters;

/* Room for the matrices of one likelihood. */
typedef struct ProcessWork {
    double *kernel, *slope;           // [capacity, capacity], upper halves: k and s of matern.h
    double *factor, *inverse, *spare; // [capacity, capacity]
    double *weighted;                 // [capacity]: K^-1 y
    double *by_length;                // [dimensions, capacity]: parts of the gradient
} ProcessWork;

typedef struct GaussianProcess {
    size_t dimensions, capacity;
    size_t count; // of what it is conditioned on
    double *x;    // [dimensions, capacity]: coordinate by coordinate
    double *y;    // [count], standardised
    double mean, deviation;
    Hyperparameters hyper;
    ProcessWork work[PROCESS_STARTS]; // the first has the posterior
} GaussianProcess;

/* What is known of the value at a point, in the values' units. */
typedef struct ProcessPrediction {
    double mean, deviation; // deviation of the function itself, without noise
} ProcessPrediction;

/* A process for at most `capacity` values, in the arena. */
bool process_create(GaussianProcess *process, size_t dimensions, size_t capacity, Arena *arena,
                    Failure *failure);

/*
 * Choose hyperparameters for values at points.
 *
 *   x, y   [count, dimensions], [count]
 *   seed   of the starts but the first
 *   cost   some hundred likelihoods, each n^3 / 2 products; starts run side by side
 */
void process_fit(GaussianProcess *process, const double *x, const double *y, size_t count,
                 uint64_t seed);

/* Condition on values, with the hyperparameters as they are. */
void process_condition(GaussianProcess *process, const double *x, const double *y, size_t count);

/*
 * Predict. For several threads at once.
 *
 *   slopes   NULL, or [2, dimensions]: gradients of the mean and of the deviation
 *   scratch  [3, count]
 */
ProcessPrediction process_predict(const GaussianProcess *process, const double *x, double *slopes,
                                  double *scratch);

/*
 * ln p(y) of standardised values, and its gradient by log_length, log_variance and log_noise
 * [dimensions + 2]; -infinity where K is singular. For tests; process_fit uses it.
 */
double process_log_likelihood(const GaussianProcess *process, const Hyperparameters *hyper,
                              const ProcessWork *work, double *gradient);

/* Enter points and standardised values, for process_log_likelihood. */
void process_enter(GaussianProcess *process, const double *x, const double *y, size_t count);

#endif
