/*
 * Acquisition: how much a point promises, given what is predicted there; the point that promises most is
 * tried next.
 *
 *   z  = (mean - best) / deviation
 *   improvement  ln E max(f - best, 0) = ln deviation + ln (phi(z) + z Phi(z))
 *   bound        mean + 2.576 deviation            what 1 of 200 values exceeds
 *
 * Of the improvement the logarithm, because the improvement itself is 0 in double wherever nothing is
 * promised, and has no slope there.
 *
 * Source: Jones, Schonlau and Welch, "Efficient global optimization of expensive black-box functions",
 * Journal of Global Optimization 13 (1998), equation 15; spec/models 16.5 for the bound.
 */
#ifndef PODIUM_SEARCH_ACQUISITION_H
#define PODIUM_SEARCH_ACQUISITION_H

#include "common/search/gaussian_process.h"

#define ACQUISITIONS "improvement|bound"
typedef enum Acquisition { ACQUISITION_IMPROVEMENT, ACQUISITION_BOUND } Acquisition;

/*
 * The acquisition of a prediction.
 *
 *   best       the value to be improved on
 *   by_mean, by_deviation   its derivatives
 */
double acquisition_value(Acquisition acquisition, ProcessPrediction prediction, double best,
                         double *by_mean, double *by_deviation);

/* ln (phi(z) + z Phi(z)) and its derivative, to a relative error near 1e-11 for any z. */
double acquisition_log_improvement(double z, double *slope);

#endif
