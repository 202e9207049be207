/*
 * Initial values: draws that depend on the seed, the parameter's name and the element, and on
 * nothing else: not on the order of parameters, on threads or on libm. Adding a parameter to a
 * model changes no other one's beginning.
 *
 * Element i takes word i mod 4 of Philox counter (0, i / 4) as u = (word + 1/2) / 2^32:
 *
 *   uniform            a + (b - a) u
 *   normal             a + b quantile(u)
 *   truncated normal   a + b quantile(P + (1 - 2 P) u), P = Phi(-2): the distribution that
 * redrawing outside two standard deviations gives, with one draw
 */
#ifndef PODIUM_LEARN_INITIALISE_H
#define PODIUM_LEARN_INITIALISE_H

#include "common/tensor/graph.h"

/* Elements first .. first + count - 1 of the parameter `name`. `first` is a multiple of 4. */
void initialise(real *values, size_t first, size_t count, Initializer initializer, uint64_t seed,
                const char *name);

#endif
