#include "common/report/verdict.h"

#include <math.h>

const char *verdict_name(Verdict verdict)
{
    static const char *const names[] = { "not shown", "holds", "does not hold" };
    return names[verdict];
}

double student_95(size_t freedom)
{
    static const double points[] = { // of any table of the distribution, one-sided
                                     6.314, 2.920, 2.353, 2.132, 2.015, 1.943, 1.895, 1.860,
                                     1.833, 1.812, 1.796, 1.782, 1.771, 1.761, 1.753, 1.746,
                                     1.740, 1.734, 1.729, 1.725, 1.721, 1.717, 1.714, 1.711,
                                     1.708, 1.706, 1.703, 1.701, 1.699, 1.697
    };
    const size_t count = sizeof points / sizeof *points;
    return points[(freedom < count ? freedom : count) - 1];
}

Spread spread_of(const double *values, size_t runs)
{
    Spread spread = { .mean = NAN, .deviation = NAN, .runs = runs };
    double sum = 0, squares = 0;
    for (size_t i = 0; i < runs; i++)
        sum += values[i];
    if (runs > 0)
        spread.mean = sum / (double)runs;
    for (size_t i = 0; i < runs; i++)
        squares += (values[i] - spread.mean) * (values[i] - spread.mean);
    if (runs > 1)
        spread.deviation = sqrt(squares / (double)(runs - 1));
    return spread;
}

double verdict_least_difference(uint64_t ratings)
{
    return ratings ? 0.005 * sqrt(4000 / (double)ratings) : 0.005;
}

Verdict verdict_of_differences(const Spread *differences, double least)
{
    double size = fabs(differences->mean), runs = (double)differences->runs;
    if (differences->runs < VERDICT_LEAST_RUNS || !(size >= least)
        || !(size - student_95(differences->runs - 1) * differences->deviation / sqrt(runs) > 0))
        return NOT_SHOWN;
    return differences->mean > 0 ? HOLDS : DOES_NOT_HOLD;
}

Verdict verdict_of_no_worse(const Spread *differences, double least)
{
    if (differences->runs < VERDICT_LEAST_RUNS || isnan(differences->mean))
        return NOT_SHOWN;
    double reach = student_95(differences->runs - 1) * differences->deviation
        / sqrt((double)differences->runs);
    return differences->mean - reach > -least ? HOLDS
        : differences->mean + reach < -least  ? DOES_NOT_HOLD
                                              : NOT_SHOWN;
}

Verdict verdict_of_range(const double *values, size_t runs, double low, double high)
{
    size_t inside = 0, known = 0;
    for (size_t i = 0; i < runs; i++) {
        inside += values[i] >= low && values[i] <= high;
        known += !isnan(values[i]);
    }
    if (runs == 0 || known < runs)
        return NOT_SHOWN;
    return inside == runs ? HOLDS : inside == 0 ? DOES_NOT_HOLD : NOT_SHOWN;
}
