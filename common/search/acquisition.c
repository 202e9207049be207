#include "common/search/acquisition.h"
#include "common/base/elementary.h"

#include <math.h>

#define BOUND 2.576
#define HALF_LOG_2PI 0.91893853320467274178
#define TAIL 3.0        // from here on the continued fraction is quick, and the series loses digits
#define SERIES_TERMS 60 // 3^120 / (1 3 5 ... 121) is below 1e-30
#define FRACTION_TERMS 80 // at 3 the fraction has converged to 1e-16

/* Phi(z) for |z| < TAIL: 1/2 + phi(z) (z + z^3 / 3 + z^5 / (3 5) + ...). */
static double distribution(double z, double density)
{
    double term = z, sum = z;
    for (int k = 1; k < SERIES_TERMS; k++) {
        term *= z * z / (2 * k + 1);
        sum += term;
    }
    return 0.5 + density * sum;
}

/*
 * For t >= TAIL, Phi(-t) = phi(t) / (t + c) with c = 1 / (t + 2 / (t + 3 / (t + ...))), so
 * phi(t) - t Phi(-t) = phi(t) c / (t + c) without a difference. Returns c.
 */
static double tail(double t)
{
    double below = t;
    for (int k = FRACTION_TERMS; k > 1; k--)
        below = t + k / below;
    return 1 / below;
}

double acquisition_log_improvement(double z, double *slope)
{
    double log_density = -0.5 * z * z - HALF_LOG_2PI;
    if (z <= -TAIL) {
        double c = tail(-z);
        *slope = 1 / c;
        return log_density + elementary_log(c / (c - z));
    }
    double density = elementary_exp(log_density);
    double below = z < TAIL ? distribution(z, density) : 1 - density / (z + tail(z));
    double improvement = density + z * below;
    *slope = below / improvement;
    return elementary_log(improvement);
}

double acquisition_value(Acquisition acquisition, ProcessPrediction prediction, double best,
                         double *by_mean, double *by_deviation)
{
    double deviation = prediction.deviation, z = (prediction.mean - best) / deviation, slope;
    if (acquisition == ACQUISITION_BOUND) {
        *by_mean = 1;
        *by_deviation = BOUND;
        return prediction.mean + BOUND * deviation;
    }
    double value = elementary_log(deviation) + acquisition_log_improvement(z, &slope);
    *by_mean = slope / deviation;
    *by_deviation = (1 - slope * z) / deviation;
    return value;
}
