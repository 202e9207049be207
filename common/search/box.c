#include "common/search/box.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define MOST_HALVINGS 30
#define ENOUGH 1e-4 // of what the gradient promises (Armijo's constant, as usual)
#define FLAT 1e-10  // a step that gains less, relative to the value, is the last

/* Where the descent is. */
typedef struct Descent {
    const Box *box;
    BoxFunction *function;
    void *context;
    double value, x[BOX_MOST_DIMENSIONS], gradient[BOX_MOST_DIMENSIONS];
    double direction[BOX_MOST_DIMENSIONS];
    double inverse[BOX_MOST_DIMENSIONS][BOX_MOST_DIMENSIONS]; // H, of the Hessian
    bool curved;                                              // H has been learned
} Descent;

static double clip(const Box *box, size_t i, double x)
{
    return x < box->lower[i] ? box->lower[i] : x > box->upper[i] ? box->upper[i] : x;
}

/* Whether a bound holds the coordinate: the value falls only beyond it. */
static bool held(const Descent *at, size_t i)
{
    return (at->x[i] <= at->box->lower[i] && at->gradient[i] > 0)
        || (at->x[i] >= at->box->upper[i] && at->gradient[i] < 0);
}

static void forget_curvature(Descent *at)
{
    size_t n = at->box->dimensions;
    at->curved = false;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            at->inverse[i][j] = i == j;
}

/* Choose the direction; returns the slope along it, 0 where there is nowhere to go. */
static double choose_direction(Descent *at)
{
    double slope = 0;
    for (size_t i = 0; i < at->box->dimensions; i++) {
        double d = 0;
        for (size_t j = 0; j < at->box->dimensions; j++)
            if (!held(at, i) && !held(at, j))
                d -= at->inverse[i][j] * at->gradient[j];
        at->direction[i] = d;
        slope += d * at->gradient[i];
    }
    return slope;
}

/* Learn from a step s and the gradients' difference y: the BFGS update of H. */
static void learn(Descent *at, const double *s, const double *y)
{
    size_t n = at->box->dimensions;
    double sy = 0, yy = 0, yhy = 0, hy[BOX_MOST_DIMENSIONS] = { 0 };
    for (size_t i = 0; i < n; i++) {
        sy += s[i] * y[i];
        yy += y[i] * y[i];
    }
    if (!(sy > 1e-12 * yy))
        return;
    for (size_t i = 0; i < n && !at->curved; i++)
        at->inverse[i][i] = sy / yy; // the first step's scale
    at->curved = true;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            hy[i] += at->inverse[i][j] * y[j];
    for (size_t i = 0; i < n; i++)
        yhy += y[i] * hy[i];
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            at->inverse[i][j] +=
                (1 + yhy / sy) * s[i] * s[j] / sy - (hy[i] * s[j] + s[i] * hy[j]) / sy;
}

/* Go along the direction, half as far each time, until the value falls enough; whether it did. */
static bool step(Descent *at, double length)
{
    size_t n = at->box->dimensions;
    double x[BOX_MOST_DIMENSIONS], gradient[BOX_MOST_DIMENSIONS], s[BOX_MOST_DIMENSIONS];
    for (int halving = 0; halving < MOST_HALVINGS; halving++, length /= 2) {
        double promised = 0;
        for (size_t i = 0; i < n; i++) {
            x[i] = clip(at->box, i, at->x[i] + length * at->direction[i]);
            s[i] = x[i] - at->x[i];
            promised += s[i] * at->gradient[i];
        }
        double value = at->function(at->context, x, gradient);
        if (!(value <= at->value + ENOUGH * promised) || !(promised < 0))
            continue;
        double y[BOX_MOST_DIMENSIONS];
        for (size_t i = 0; i < n; i++)
            y[i] = gradient[i] - at->gradient[i];
        learn(at, s, y);
        at->value = value;
        memcpy(at->x, x, n * sizeof *x);
        memcpy(at->gradient, gradient, n * sizeof *gradient);
        return true;
    }
    return false;
}

/* How far a first step goes: a tenth of the box at most. */
static double first_length(const Descent *at)
{
    double length = 1;
    for (size_t i = 0; i < at->box->dimensions; i++) {
        double most = 0.1 * (at->box->upper[i] - at->box->lower[i]), d = fabs(at->direction[i]);
        if (length * d > most)
            length = most / d;
    }
    return length;
}

double box_minimise(const Box *box, BoxFunction *function, void *context, double *x,
                    size_t most_steps)
{
    Descent at = { .box = box, .function = function, .context = context };
    for (size_t i = 0; i < box->dimensions; i++)
        at.x[i] = clip(box, i, x[i]);
    at.value = function(context, at.x, at.gradient);
    forget_curvature(&at);
    for (size_t taken = 0; taken < most_steps && isfinite(at.value); taken++) {
        double before = at.value, slope = choose_direction(&at);
        if (slope >= 0) {
            if (!at.curved)
                break;
            forget_curvature(&at);
            if (choose_direction(&at) >= 0)
                break;
        }
        bool went = step(&at, at.curved ? 1 : first_length(&at));
        if (!went && !at.curved)
            break;
        if (!went)
            forget_curvature(&at);
        else if (before - at.value <= FLAT * (1 + fabs(before)))
            break;
    }
    memcpy(x, at.x, box->dimensions * sizeof *x);
    return at.value;
}
