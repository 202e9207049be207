/*
 * Update: one step of a parameter along its gradient, in one pass over memory.
 *
 *   g       = gradient_scale dw              clipping
 *   m       = keep_mean m + take_mean g      only where there is a mean; else m = g
 *   v       = keep_square v + take_square g^2
 *   w       = w - rate m / (sqrt(v) scale + epsilon)
 *
 * Adam in both of its forms and RMSprop are this with other numbers: see common/learn/optimiser.h.
 */
#ifndef PODIUM_TENSOR_UPDATE_H
#define PODIUM_TENSOR_UPDATE_H

#include "common/tensor/real.h"

typedef struct Update {
    real *value;          // w [n]
    const real *gradient; // dw [n]
    real *mean;           // m [n], or NULL
    real *square;         // v [n]
    size_t n;
    real gradient_scale, keep_mean, take_mean, keep_square, take_square, rate, scale, epsilon;
} Update;

/* On the CPU, on all threads, at the speed of memory: elements are independent. */
void cpu_update(const Update *update);

#endif
