/*
 * Box: the minimum of a smooth function within bounds, by projected BFGS steps.
 *
 *   d = -H g over the coordinates that no bound holds    H: what gradients said of the curvature
 *   x = clip(x + t d),  t = 1, 1/2, ... until the value falls enough (Armijo)
 *
 * Source: Nocedal and Wright, "Numerical optimization", 2nd edition, sections 3.1, 6.1, 16.7.
 */
#ifndef PODIUM_SEARCH_BOX_H
#define PODIUM_SEARCH_BOX_H

#include <stddef.h>

#define BOX_MOST_DIMENSIONS                                                                        \
    ((size_t)72) // more than an ensemble's members, and what a process has besides

/* The value at x, and its gradient; infinity where there is none. */
typedef double BoxFunction(void *context, const double *x, double *gradient);

typedef struct Box {
    size_t dimensions; // at most BOX_MOST_DIMENSIONS
    double lower[BOX_MOST_DIMENSIONS], upper[BOX_MOST_DIMENSIONS];
} Box;

/*
 * Go down from x, which is moved into the box first; returns the value there. Ends after `most_steps`, or
 * where a step gains nothing. Deterministic; allocates nothing.
 */
double box_minimise(const Box *box, BoxFunction *function, void *context, double *x,
                    size_t most_steps);

#endif
