#include "common/search/gaussian_process.h"
#include "common/base/elementary.h"
#include "common/base/parallel.h"
#include "common/base/philox.h"
#include "common/search/box.h"
#include "common/search/cholesky.h"
#include "common/search/matern.h"

#include <math.h>
#include <string.h>

#define LOG_2PI 1.83787706640934548356
#define FIT_STEPS 30
#define LENGTH_DEVIATION 0.7  // of the prior of ln length
#define LEAST_DEVIATION 1e-12 // of values that are all the same
#define LEAST_SHARE 1e-10     // of the prior variance: below it there is only rounding

/*
 * Bounds of lengths, variance and noise. Coordinates lie between 0 and 1 and values have variance 1: a
 * length of 20 is a straight line, one of 0.02 sees no neighbour. Noise below 1e-6 makes K singular once
 * points gather.
 */
static const double least_length = 0.02, most_length = 20, least_variance = 0.05,
                    most_variance = 50, least_noise = 1e-6, most_noise = 1;

bool process_create(GaussianProcess *process, size_t dimensions, size_t capacity, Arena *arena,
                    Failure *failure)
{
    *process = (GaussianProcess){ .dimensions = dimensions, .capacity = capacity };
    for (size_t i = 0; i < PROCESS_STARTS; i++) {
        ProcessWork *work = &process->work[i];
        if (!arena_array(arena, work->kernel, capacity * capacity, failure)
            || !arena_array(arena, work->factor, capacity * capacity, failure)
            || !arena_array(arena, work->inverse, capacity * capacity, failure)
            || !arena_array(arena, work->slope, capacity * capacity, failure)
            || !arena_array(arena, work->spare, capacity * capacity, failure)
            || !arena_array(arena, work->weighted, capacity, failure)
            || !arena_array(arena, work->by_length, dimensions * capacity, failure))
            return false;
    }
    return arena_array(arena, process->x, dimensions * capacity, failure)
        && arena_array(arena, process->y, capacity, failure);
}

void process_enter(GaussianProcess *process, const double *x, const double *y, size_t count)
{
    double mean = 0, square = 0;
    for (size_t i = 0; i < count; i++)
        mean += y[i] / (double)count;
    for (size_t i = 0; i < count; i++)
        square += (y[i] - mean) * (y[i] - mean) / (double)count;
    double deviation = sqrt(square);
    for (size_t i = 0; i < count; i++)
        for (size_t d = 0; d < process->dimensions; d++)
            process->x[d * process->capacity + i] = x[i * process->dimensions + d];
    process->count = count;
    process->mean = mean;
    process->deviation = deviation > LEAST_DEVIATION ? deviation : 1;
    for (size_t i = 0; i < count; i++)
        process->y[i] = (y[i] - mean) / process->deviation;
}

/* The kernel of hyperparameters; `squares` is room for its lengths. */
static Matern matern_of(const Hyperparameters *hyper, size_t dimensions, double *squares)
{
    for (size_t d = 0; d < dimensions; d++)
        squares[d] = elementary_exp(-2 * hyper->log_length[d]);
    return (Matern){ dimensions, squares, elementary_exp(hyper->log_variance) };
}

/* Fill the upper halves of the kernel and of the factor, which becomes K. */
static void fill_kernel(const GaussianProcess *process, const Hyperparameters *hyper,
                        const ProcessWork *work)
{
    size_t n = process->count;
    double squares[PROCESS_MOST_DIMENSIONS], point[PROCESS_MOST_DIMENSIONS];
    Matern matern = matern_of(hyper, process->dimensions, squares);
    double noise = elementary_exp(hyper->log_noise);
    for (size_t i = 0; i < n; i++) {
        for (size_t d = 0; d < process->dimensions; d++)
            point[d] = process->x[d * process->capacity + i];
        matern_row(&matern, point, process->x + i, process->capacity, n - i,
                   work->kernel + i * n + i, work->slope + i * n + i);
        memcpy(work->factor + i * n + i, work->kernel + i * n + i, (n - i) * sizeof(double));
        work->factor[i * n + i] += noise;
    }
}

/* weighted = K^-1 y */
static void weigh(const GaussianProcess *process, const ProcessWork *work)
{
    size_t n = process->count;
    memset(work->weighted, 0, n * sizeof *work->weighted);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            work->weighted[j] += process->y[i] * work->inverse[i * n + j];
}

/* by_length[d][j] += W_ij s_ij (x_id - x_jd)^2 / length_d^2 for the j behind i. */
static void add_by_length(const GaussianProcess *process, const ProcessWork *work, size_t i,
                          const double *squares)
{
    size_t n = process->count, capacity = process->capacity;
    double *restrict weight = work->spare; // free by now
    const double *inverse = work->inverse + i * n, *slope = work->slope + i * n;
    for (size_t j = i + 1; j < n; j++)
        weight[j] = (work->weighted[i] * work->weighted[j] - inverse[j]) * slope[j];
    for (size_t d = 0; d < process->dimensions; d++) {
        const double *x = process->x + d * capacity;
        double *restrict sum = work->by_length + d * capacity;
        double at = x[i], scale = squares[d];
        for (size_t j = i + 1; j < n; j++)
            sum[j] += weight[j] * ((at - x[j]) * (at - x[j]) * scale);
    }
}

/*
 * dL/dt = 1/2 sum_ij W_ij dK_ij/dt,   W = (K^-1 y)(K^-1 y)^T - K^-1
 *
 * dK/d ln length_d = s (a_d - b_d)^2 / length_d^2, dK/d ln v = k, dK/d ln noise = noise on the
 * diagonal. A pair counts twice.
 */
static void likelihood_gradient(const GaussianProcess *process, const Hyperparameters *hyper,
                                const ProcessWork *work, double *gradient)
{
    size_t n = process->count, dimensions = process->dimensions;
    double squares[PROCESS_MOST_DIMENSIONS], noise = elementary_exp(hyper->log_noise);
    double by_variance = 0, by_noise = 0;
    matern_of(hyper, dimensions, squares);
    memset(work->by_length, 0, dimensions * process->capacity * sizeof *work->by_length);
    for (size_t i = 0; i < n; i++) {
        const double *weighted = work->weighted, *inverse = work->inverse + i * n;
        double diagonal = weighted[i] * weighted[i] - inverse[i];
        by_variance += 0.5 * diagonal * work->kernel[i * n + i];
        by_noise += 0.5 * diagonal * noise;
        for (size_t j = i + 1; j < n; j++)
            by_variance += (weighted[i] * weighted[j] - inverse[j]) * work->kernel[i * n + j];
        add_by_length(process, work, i, squares);
    }
    memset(gradient, 0, dimensions * sizeof *gradient);
    for (size_t d = 0; d < dimensions; d++)
        for (size_t j = 0; j < n; j++)
            gradient[d] += work->by_length[d * process->capacity + j];
    gradient[dimensions] = by_variance;
    gradient[dimensions + 1] = by_noise;
}

double process_log_likelihood(const GaussianProcess *process, const Hyperparameters *hyper,
                              const ProcessWork *work, double *gradient)
{
    size_t n = process->count;
    double fit = 0;
    fill_kernel(process, hyper, work);
    if (!cholesky_factor(work->factor, n))
        return -INFINITY;
    cholesky_invert(work->factor, n, work->inverse, work->spare);
    weigh(process, work);
    for (size_t i = 0; i < n; i++)
        fit += process->y[i] * work->weighted[i];
    likelihood_gradient(process, hyper, work, gradient);
    return -0.5 * (fit + cholesky_log_determinant(work->factor, n) + (double)n * LOG_2PI);
}

/* The search for hyperparameters from one start. */
typedef struct Fit {
    const GaussianProcess *process;
    const ProcessWork *work;
    Box box;
    double point[BOX_MOST_DIMENSIONS], value;
} Fit;

static Hyperparameters hyper_of(const double *point, size_t dimensions)
{
    Hyperparameters hyper = { .log_variance = point[dimensions],
                              .log_noise = point[dimensions + 1] };
    memcpy(hyper.log_length, point, dimensions * sizeof *point);
    return hyper;
}

/* Minus the likelihood and the prior of the lengths. */
static double negative_likelihood(void *context, const double *point, double *gradient)
{
    const Fit *fit = context;
    size_t dimensions = fit->process->dimensions;
    Hyperparameters hyper = hyper_of(point, dimensions);
    double value = process_log_likelihood(fit->process, &hyper, fit->work, gradient);
    for (size_t i = 0; i < dimensions + 2; i++) {
        double from_prior = i < dimensions ? point[i] / LENGTH_DEVIATION : 0;
        gradient[i] = from_prior / LENGTH_DEVIATION - gradient[i];
        value -= 0.5 * from_prior * from_prior;
    }
    return -value;
}

static Box bounds_of_hyperparameters(size_t dimensions)
{
    Box box = { .dimensions = dimensions + 2 };
    for (size_t d = 0; d < dimensions; d++) {
        box.lower[d] = elementary_log(least_length);
        box.upper[d] = elementary_log(most_length);
    }
    box.lower[dimensions] = elementary_log(least_variance);
    box.upper[dimensions] = elementary_log(most_variance);
    box.lower[dimensions + 1] = elementary_log(least_noise);
    box.upper[dimensions + 1] = elementary_log(most_noise);
    return box;
}

/* The first start is a smooth function with little noise; the others are drawn from within the bounds. */
static void choose_start(Fit *fit, size_t start, uint64_t seed)
{
    size_t dimensions = fit->process->dimensions;
    PhiloxKey key = philox_key(seed, "tune/hyperparameters");
    for (size_t i = 0; i < dimensions + 2; i++) {
        uint32_t words[4];
        philox(key, fit->process->count << 8 | start, i, words);
        double share = philox_uniform(words[0]);
        double low = fit->box.lower[i], high = fit->box.upper[i];
        fit->point[i] = start ? low + (0.25 + 0.5 * share) * (high - low)
            : i < dimensions  ? elementary_log(0.5)
            : i == dimensions ? 0
                              : elementary_log(1e-3);
    }
}

static void fit_from(void *fits, size_t begin, size_t end)
{
    for (size_t i = begin; i < end; i++) {
        Fit *fit = (Fit *)fits + i;
        fit->value = box_minimise(&fit->box, negative_likelihood, fit, fit->point, FIT_STEPS);
    }
}

void process_fit(GaussianProcess *process, const double *x, const double *y, size_t count,
                 uint64_t seed)
{
    Fit fits[PROCESS_STARTS];
    size_t best = 0;
    process_enter(process, x, y, count);
    for (size_t i = 0; i < PROCESS_STARTS; i++) {
        fits[i] = (Fit){ .process = process,
                         .work = &process->work[i],
                         .box = bounds_of_hyperparameters(process->dimensions) };
        choose_start(&fits[i], i, seed);
    }
    parallel_for(PROCESS_STARTS, 1, fit_from, fits);
    for (size_t i = 1; i < PROCESS_STARTS; i++)
        best = fits[i].value < fits[best].value ? i : best;
    process->hyper = hyper_of(fits[best].point, process->dimensions);
}

void process_condition(GaussianProcess *process, const double *x, const double *y, size_t count)
{
    const ProcessWork *work = &process->work[0];
    Hyperparameters hyper = process->hyper;
    process_enter(process, x, y, count);
    fill_kernel(process, &hyper, work);
    while (!cholesky_factor(work->factor, count)) { // rounding at the bounds: more noise mends it
        hyper.log_noise += 1;
        fill_kernel(process, &hyper, work);
    }
    cholesky_invert(work->factor, count, work->inverse, work->spare);
    weigh(process, work);
}

/* d mean / dx = sum_i weighted_i dk_i/dx;   d variance / dx = -2 sum_i solved_i dk_i/dx */
static void add_slopes(const GaussianProcess *process, const double *x, const double *squares,
                       const double *slope, const double *solved, double *slopes)
{
    size_t dimensions = process->dimensions;
    double *by_mean = slopes, *by_variance = slopes + dimensions;
    memset(slopes, 0, 2 * dimensions * sizeof *slopes);
    for (size_t d = 0; d < dimensions; d++) {
        const double *at = process->x + d * process->capacity;
        for (size_t i = 0; i < process->count; i++) {
            double k_slope = -slope[i] * (x[d] - at[i]) * squares[d];
            by_mean[d] += process->work[0].weighted[i] * k_slope;
            by_variance[d] -= 2 * solved[i] * k_slope;
        }
    }
}

ProcessPrediction process_predict(const GaussianProcess *process, const double *x, double *slopes,
                                  double *scratch)
{
    size_t n = process->count;
    double *k = scratch, *slope = scratch + n, *restrict solved = scratch + 2 * n;
    double squares[PROCESS_MOST_DIMENSIONS];
    Matern matern = matern_of(&process->hyper, process->dimensions, squares);
    double mean = 0, prior = matern.variance, variance = prior;
    matern_row(&matern, x, process->x, process->capacity, n, k, slope);
    memset(solved, 0, n * sizeof *solved);
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) // K^-1 k
            solved[j] += k[i] * process->work[0].inverse[i * n + j];
    for (size_t i = 0; i < n; i++) {
        mean += process->work[0].weighted[i] * k[i];
        variance -= solved[i] * k[i];
    }
    variance =
        variance > LEAST_SHARE * prior ? variance : LEAST_SHARE * prior; // rounding at a point
    double deviation = sqrt(variance), scale = process->deviation;
    if (slopes) {
        add_slopes(process, x, squares, slope, solved, slopes);
        for (size_t d = 0; d < process->dimensions; d++) {
            slopes[d] *= scale;
            slopes[process->dimensions + d] *= scale / (2 * deviation);
        }
    }
    return (ProcessPrediction){ process->mean + scale * mean, scale * deviation };
}
